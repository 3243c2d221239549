using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Noos.Core;
using Noos.Language.Tokenization.Merging;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization;

/// <summary>
/// The vocabulary of a model: turns text into tokens and back. Reads byte-level byte-pair encodings (Sennrich et al. 2016, on bytes as in
/// GPT-2) and SentencePiece's merges by score (Kudo and Richardson 2018), with the results of llama.cpp. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Where every byte is a token, any bytes encode and decode exactly. SentencePiece vocabularies write a space as U+2581, so that character
/// comes back as a space; most put a space before a text, which <see cref="DecodeText"/> takes away again.
/// </remarks>
public sealed partial class Tokenizer
{
    /// <summary>Tokens of a vocabulary, at most.</summary>
    public const int MaxVocabularySize = 1 << 20;

    readonly VocabularyDescription _description;
    readonly TokenTable _tokens;
    readonly bool[] _isSpecial;
    readonly Merge[] _merges;
    readonly TextEncoder _encoder;
    readonly Dictionary<string, int> _specials;
    readonly EndOfGeneration _ends;
    readonly SpecialTokenMatcher _allNames;
    readonly SpecialTokenMatcher _textNames;
    readonly Lazy<ulong> _fingerprint;

    Tokenizer(Vocabulary vocabulary)
    {
        _description = vocabulary.Description;
        _tokens = vocabulary.Tokens;
        _merges = vocabulary.Merges;
        _encoder = vocabulary.Encoder;
        _ends = vocabulary.Ends;
        _specials = new Dictionary<string, int>(StringComparer.Ordinal);
        _isSpecial = new bool[VocabularySize];
        var names = new List<SpecialTokenMatcher.Name>();
        for (var token = 0; token < VocabularySize; token++)
        {
            var (name, kind) = (NameOf(token), _tokens.Kinds[token]);
            // What our own format uses as structure is structure, even where a file calls it text, as those of Qwen 3 do.
            _isSpecial[token] = kind is TokenKind.Control or TokenKind.Unknown or TokenKind.Unused or TokenKind.Undefined
                || (kind == TokenKind.UserDefined && SpecialTokens.All.Contains(name, StringComparer.Ordinal));
            if (kind is TokenKind.Control or TokenKind.UserDefined or TokenKind.Unknown && _specials.TryAdd(name, token))
            {
                names.Add(new(Encoding.UTF8.GetBytes(name), token, _description.SpecialsTakeSpaceAfter && TakesSpaceAfter(name)));
            }
        }

        _allNames = new SpecialTokenMatcher(names);
        _textNames = new SpecialTokenMatcher(names.Where(name => !_isSpecial[name.Token]));
        _fingerprint = new Lazy<ulong>(ComputeFingerprint);
    }

    /// <summary>Number of tokens, special ones included.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>
    /// The token that begins a text (BOS); may be null. <see cref="EncodeDocument"/> puts it there where the model expects it.
    /// </summary>
    public int? BeginOfText => _description.Ids.Begin;

    /// <summary>The token that ends a text: <c>&lt;|endoftext|&gt;</c>, or what a foreign vocabulary has for it (EOS).</summary>
    public int EndOfText => _ends.OfText;

    /// <summary>The token that ends a turn of a conversation: <c>&lt;|im_end|&gt;</c>, or what a foreign vocabulary has for it.</summary>
    public int EndOfTurn => _ends.OfTurn;

    /// <summary>All tokens after which nothing more is to be generated, in the order of their ids.</summary>
    public IReadOnlyList<int> EndTokens => _ends.All;

    /// <summary>A hash of the whole vocabulary: equal for tokenizers that give equal ids. Shards and checkpoints carry it.</summary>
    public ulong Fingerprint => _fingerprint.Value;

    /// <summary>Number of merge rules; 0 for a vocabulary that merges by score.</summary>
    public int MergeCount => _merges.Length;

    /// <summary>The vocabulary can be written as <c>tokenizer.json</c> and into our models: byte-level with Qwen's pre-tokenizer.</summary>
    internal bool IsOurKind => _description is { Model: TokenizerModel.ByteLevel, PreTokenizer: "qwen2" };

    /// <summary>The token is structure, not text. Only <c>parseSpecial</c> makes such tokens of their names.</summary>
    public bool IsSpecial(int token) => _isSpecial[token];

    /// <summary>The token is one of <see cref="EndTokens"/>.</summary>
    public bool EndsGeneration(int token) => _ends.Contains(token);

    /// <summary>Finds a token by its name, among those that stand for a whole name.</summary>
    public bool TryGetSpecial(string name, out int token) => _specials.TryGetValue(name, out token);

    /// <summary>The bytes a token stands for; for a special token the UTF-8 of its name.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => _tokens[token];

    /// <summary>
    /// The token as Hugging Face and GGUF files write it: its bytes in GPT-2's printable alphabet or with U+2581 for a space, or the name
    /// of a special token.
    /// </summary>
    public string NameOf(int token) => _description.Names[token];

    /// <summary>A merge rule, by rank (0 applies first).</summary>
    public (int Left, int Right) MergeAt(int rank) => (_merges[rank].Left, _merges[rank].Right);

    /// <summary>Encodes text. A lone surrogate becomes U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">Names of special tokens in the text become those tokens; otherwise they are ordinary text.</param>
    public int[] Encode(string text, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var output = new List<int>((text.Length / 3) + 4);
        // One byte more, so that a space can be put before the text.
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) + 1);
        try
        {
            var bytes = buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer.AsSpan(1)) + 1);
            Encode(bytes, (parseSpecial ? _allNames : _textNames).Cut(bytes[1..]), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return [.. output];
    }

    /// <summary>
    /// Encodes pieces that together are one text. Names of special tokens become those tokens only where every character of them is from
    /// a piece that says so.
    /// </summary>
    public int[] Encode(IEnumerable<(string Text, bool ParseSpecial)> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var buffer = new List<byte> { 0 };
        var isPlain = new List<bool>();
        foreach (var (text, parseSpecial) in pieces)
        {
            buffer.AddRange(Encoding.UTF8.GetBytes(text));
            isPlain.AddRange(Enumerable.Repeat(!parseSpecial, buffer.Count - 1 - isPlain.Count));
        }

        var output = new List<int>((buffer.Count / 3) + 4);
        var whole = CollectionsMarshal.AsSpan(buffer);
        Encode(whole,
            _allNames.Cut(whole[1..], part => !_isSpecial[part.Token] || isPlain.IndexOf(true, part.Start, part.End - part.Start) < 0),
                output);
        return [.. output];
    }

    /// <summary>
    /// Encodes a whole text as the model expects it: where it wants them, with <see cref="BeginOfText"/> before, unless the text itself
    /// begins with that token, and the end of text after.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">As in <see cref="Encode(string, bool)"/>.</param>
    public int[] EncodeDocument(string text, bool parseSpecial = false)
    {
        var tokens = Encode(text, parseSpecial);
        int[] begin = _description.AddsBegin && BeginOfText is { } first && (tokens.Length == 0 || tokens[0] != first) ? [first] : [];
        int[] end = _description.AddsEnd && _description.Ids.End is { } last && (tokens.Length == 0 || tokens[^1] != last) ? [last] : [];
        return begin.Length + end.Length == 0 ? tokens : [.. begin, .. tokens, .. end];
    }

    /// <summary>
    /// Encodes two texts as models read them that score pairs: the beginning of text, the first, its end, the second, its end.
    /// </summary>
    /// <param name="first">A question.</param>
    /// <param name="second">What may answer it.</param>
    /// <returns>All tokens, and where those of the second text begin.</returns>
    public (int[] Tokens, int SecondStart) EncodePair(string first, string second)
    {
        int[] begin = _description.Ids.Begin is { } start ? [start] : [];
        int[] end = _description.Ids.End is { } last ? [last] : [];
        int[] head = [.. begin, .. Encode(first), .. end, .. _description.DoublesSeparator ? end : []];
        return ([.. head, .. Encode(second), .. end], head.Length);
    }

    /// <summary>
    /// Appends the tokens of any bytes, valid UTF-8 or not, as they continue a text: no space is put before them. Special
    /// tokens are never parsed.
    /// </summary>
    public void Encode(ReadOnlySpan<byte> bytes, List<int> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_textNames.IsEmpty || _textNames.Cut(bytes) is not { } parts)
        {
            _encoder.Encode(bytes, output);
            return;
        }

        foreach (var part in parts)
        {
            if (part.Token >= 0)
            {
                output.Add(part.Token);
            }
            else
            {
                _encoder.Encode(bytes[part.Start..part.End], output);
            }
        }
    }

    /// <summary>
    /// The bytes of all tokens, one after another: the exact inverse of <see cref="Encode(ReadOnlySpan{byte}, List{int})"/> where the
    /// vocabulary has every byte and does not write a space as U+2581. Special tokens give their names.
    /// </summary>
    public byte[] Decode(ReadOnlySpan<int> tokens)
    {
        var length = 0;
        foreach (var token in tokens)
        {
            length += BytesOf(token).Length;
        }

        var bytes = new byte[length];
        var position = 0;
        foreach (var token in tokens)
        {
            BytesOf(token).CopyTo(bytes.AsSpan(position));
            position += BytesOf(token).Length;
        }

        return bytes;
    }

    /// <summary>
    /// The text of the tokens, the inverse of <see cref="Encode(string, bool)"/>: without the space that it puts before a text and after a
    /// special token. Bytes that are not UTF-8 become U+FFFD.
    /// </summary>
    public string DecodeText(ReadOnlySpan<int> tokens)
    {
        var bytes = Decode(tokens);
        return Encoding.UTF8.GetString(bytes, 0, _description.AddsSpacePrefix ? RemoveAddedSpaces(tokens, bytes) : bytes.Length);
    }

    /// <summary>Makes the tokenizer of a training run: reserved tokens, then the 256 bytes, then one token a merge.</summary>
    internal static Tokenizer FromTraining(IReadOnlyList<(int Left, int Right)> merges)
    {
        var specials = SpecialTokens.All.Count;
        var tokens = new List<byte[]>(specials + 256 + merges.Count);
        tokens.AddRange(SpecialTokens.All.Select(Encoding.UTF8.GetBytes));
        tokens.AddRange(Enumerable.Range(0, 256).Select(value => new[] { (byte)value }));
        var rules = new Merge[merges.Count];
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            rules[rank] = new Merge(left, right, tokens.Count);
            tokens.Add([.. tokens[left], .. tokens[right]]);
        }

        var kinds = new TokenKind[tokens.Count];
        Array.Fill(kinds, TokenKind.Normal);
        kinds.AsSpan(0, specials).Fill(TokenKind.Control);
        string[] names = [.. SpecialTokens.All, .. tokens.Skip(specials).Select(bytes => ByteAlphabet.Write(bytes))];
        return new Tokenizer(Vocabulary.ByteLevel(OwnDescription(names, kinds, [], "The trained tokenizer"), tokens, rules));
    }

    /// <param name="buffer">A text and a byte before it.</param>
    /// <param name="parts">Where names stand in the text; null if there are none.</param>
    /// <param name="output">Takes the tokens.</param>
    void Encode(Span<byte> buffer, List<SpecialTokenMatcher.Part>? parts, List<int> output)
    {
        if (parts is null)
        {
            EncodeText(buffer, followsSpecial: true, output);
            return;
        }

        var followsSpecial = true;
        foreach (var part in parts)
        {
            if (part.Token >= 0)
            {
                output.Add(part.Token);
            }
            else
            {
                EncodeText(buffer[part.Start..(part.End + 1)], followsSpecial, output);
            }

            followsSpecial = part.Token >= 0;
        }
    }

    /// <param name="text">A text and the byte before it, which is no longer needed.</param>
    /// <param name="followsSpecial">It stands at the beginning or after a special token.</param>
    /// <param name="output">Takes the tokens.</param>
    void EncodeText(Span<byte> text, bool followsSpecial, List<int> output)
    {
        if (!_description.AddsSpacePrefix || !followsSpecial || text.Length == 1)
        {
            _encoder.Encode(text[1..], output);
            return;
        }

        text[0] = (byte)' ';
        _encoder.Encode(text, output);
    }

    /// <summary>Takes the first space of each run of ordinary tokens out of the bytes; returns what length is left.</summary>
    int RemoveAddedSpaces(ReadOnlySpan<int> tokens, Span<byte> bytes)
    {
        var (read, written) = (0, 0);
        var followsSpecial = true;
        foreach (var token in tokens)
        {
            var length = BytesOf(token).Length;
            if (followsSpecial && !StandsForName(token) && length > 0 && bytes[read] == (byte)' ')
            {
                read++;
                length--;
            }

            bytes.Slice(read, length).CopyTo(bytes[written..]);
            read += length;
            written += length;
            followsSpecial = StandsForName(token);
        }

        return written;
    }

    // A name with a mark is only found by merging.
    bool StandsForName(int token) =>
        _isSpecial[token] || (_tokens.Kinds[token] == TokenKind.UserDefined && !NameOf(token).Contains('\u2581', StringComparison.Ordinal));

    // As llama.cpp has it for Phi 3; its files do not say.
    static bool TakesSpaceAfter(string name) => name is not ("<unk>" or "<s>" or "<|endoftext|>");

    /// <summary>Describes a vocabulary of our own kind: Qwen's rules and ChatML's tokens.</summary>
    static VocabularyDescription OwnDescription(
        string[] names, TokenKind[] kinds, IEnumerable<(ReadOnlyMemory<char> Left, ReadOnlyMemory<char> Right)> merges, string origin)
    {
        foreach (var name in (ReadOnlySpan<string>)[SpecialTokens.EndOfText, SpecialTokens.MessageEnd])
        {
            if (Array.IndexOf(names, name) is var token && (token < 0 || kinds[token] != TokenKind.Control))
            {
                throw new NoosException($"{origin} lacks the special token {name}; use a vocabulary with the ChatML tokens of Qwen.");
            }
        }

        var end = Array.IndexOf(names, SpecialTokens.EndOfText);
        return new VocabularyDescription
        {
            Origin = origin,
            Model = TokenizerModel.ByteLevel,
            Names = names,
            Kinds = kinds,
            Merges = merges,
            Ids = new SpecialTokenIds(Begin: end, End: end),
            AddsBegin = true,
        };
    }

    ulong ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_tokens.Starts));
        hash.AppendData(_tokens.AllBytes);
        hash.AppendData(MemoryMarshal.AsBytes(_isSpecial.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(_merges.AsSpan()));
        if (!IsOurKind)
        {
            // Our own vocabularies keep the hash that their shards carry.
            hash.AppendData(Encoding.UTF8.GetBytes(
                $"{_description.Model} {_description.PreTokenizer} "
                + $"{_description.AddsSpacePrefix} {_description.SpecialsTakeSpaceAfter}"));
            hash.AppendData(MemoryMarshal.AsBytes(_description.Scores.ToArray().AsSpan()));
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}
