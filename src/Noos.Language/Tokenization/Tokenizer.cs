using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Noos.Language.Tokenization;

/// <summary>
/// Byte-level byte-pair encoding (Sennrich et al. 2016, on bytes as in GPT-2) behind the <see cref="PreTokenizer"/>. Every byte is a
/// token, so any bytes encode and decode exactly. Immutable and thread-safe.
/// </summary>
public sealed partial class Tokenizer
{
    /// <summary>Most tokens a vocabulary may have.</summary>
    public const int MaxVocabularySize = 1 << 20;

    readonly byte[] _bytes;         // the bytes of all tokens, one after another
    readonly int[] _starts;         // [VocabularySize + 1]
    readonly bool[] _isSpecial;
    readonly Merge[] _merges;
    readonly int[] _byteTokens;     // [256]
    readonly MergeTable _mergeTable;
    readonly Dictionary<string, int> _specials;
    readonly SearchValues<char> _specialFirsts;
    readonly (string Name, int Token)[] _specialsLongestFirst;
    readonly ConcurrentBag<PieceEncoder> _encoders = [];
    readonly Lazy<ulong> _fingerprint;

    /// <param name="tokens">The bytes of each token; a special token has the UTF-8 of its name.</param>
    /// <param name="isSpecial">Which tokens are special.</param>
    /// <param name="merges">Merge rules, the first to apply first.</param>
    /// <param name="origin">What a message calls this tokenizer, such as "The tokenizer file 'x.json'".</param>
    Tokenizer(IReadOnlyList<byte[]> tokens, bool[] isSpecial, Merge[] merges, string origin)
    {
        _isSpecial = isSpecial;
        _merges = merges;
        _starts = new int[tokens.Count + 1];
        for (var token = 0; token < tokens.Count; token++)
        {
            _starts[token + 1] = checked(_starts[token] + tokens[token].Length);
        }

        _bytes = new byte[_starts[^1]];
        _byteTokens = new int[256];
        Array.Fill(_byteTokens, -1);
        _specials = [];
        for (var token = 0; token < tokens.Count; token++)
        {
            tokens[token].CopyTo(_bytes, _starts[token]);
            if (isSpecial[token])
            {
                _specials.TryAdd(Encoding.UTF8.GetString(tokens[token]), token);
            }
            else if (tokens[token].Length == 1)
            {
                _byteTokens[tokens[token][0]] = token;
            }
        }

        if (Array.IndexOf(_byteTokens, -1) is var missing and >= 0)
        {
            throw new NoosException($"{origin} has no token for the byte {missing}; use a byte-level BPE vocabulary that covers all 256 bytes.");
        }

        EndOfText = Require(SpecialTokens.EndOfText, origin);
        EndOfTurn = Require(SpecialTokens.MessageEnd, origin);
        _mergeTable = new MergeTable(merges);
        _specialsLongestFirst = [.. _specials.Where(pair => pair.Key.Length > 0).OrderByDescending(pair => pair.Key.Length).Select(pair => (pair.Key, pair.Value))];
        _specialFirsts = SearchValues.Create([.. _specialsLongestFirst.Select(special => special.Name[0])]);
        _fingerprint = new Lazy<ulong>(ComputeFingerprint);
    }

    /// <summary>Number of tokens, special ones included.</summary>
    public int VocabularySize => _isSpecial.Length;

    /// <summary>Id of <c>&lt;|endoftext|&gt;</c>: begins every document and ends a completion of the base model.</summary>
    public int EndOfText { get; }

    /// <summary>Id of <c>&lt;|im_end|&gt;</c>: ends a turn of a conversation.</summary>
    public int EndOfTurn { get; }

    /// <summary>A hash of the whole vocabulary: equal for tokenizers that give equal ids. Shards and checkpoints carry it.</summary>
    public ulong Fingerprint => _fingerprint.Value;

    /// <summary>Number of merge rules.</summary>
    public int MergeCount => _merges.Length;

    public bool IsSpecial(int token) => _isSpecial[token];

    public bool TryGetSpecial(string name, out int token) => _specials.TryGetValue(name, out token);

    /// <summary>The bytes a token stands for; for a special token the UTF-8 of its name.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => _bytes.AsSpan(_starts[token].._starts[token + 1]);

    /// <summary>
    /// The token as Hugging Face and GGUF files write it: its bytes in GPT-2's printable alphabet, or the name of a special token.
    /// </summary>
    public string NameOf(int token) =>
        _isSpecial[token] ? Encoding.UTF8.GetString(BytesOf(token)) : ByteAlphabet.Write(BytesOf(token));

    /// <summary>A merge rule, by rank (0 applies first).</summary>
    public (int Left, int Right) MergeAt(int rank) => (_merges[rank].Left, _merges[rank].Right);

    /// <summary>Encodes text. A lone surrogate becomes U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">Names of special tokens in the text become those tokens; otherwise they are ordinary text.</param>
    public int[] Encode(string text, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var output = new List<int>((text.Length / 3) + 4);
        if (!parseSpecial)
        {
            EncodeText(text, output);
            return [.. output];
        }

        var rest = text.AsSpan();
        var from = 0;
        while (rest[from..].IndexOfAny(_specialFirsts) is var offset and >= 0)
        {
            from += offset;
            var found = FindSpecial(rest[from..]);
            if (found < 0)
            {
                from++;
                continue;
            }

            EncodeText(rest[..from], output);
            output.Add(found);
            rest = rest[(from + Encoding.UTF8.GetCharCount(BytesOf(found)))..];
            from = 0;
        }

        EncodeText(rest, output);
        return [.. output];
    }

    /// <summary>Appends the tokens of any bytes, valid UTF-8 or not. Special tokens are never parsed.</summary>
    public void Encode(ReadOnlySpan<byte> bytes, List<int> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!_encoders.TryTake(out var encoder))
        {
            encoder = new PieceEncoder(_byteTokens, _mergeTable);
        }

        encoder.Encode(bytes, output);
        _encoders.Add(encoder);
    }

    /// <summary>The exact inverse of <see cref="Encode(ReadOnlySpan{byte}, List{int})"/>; special tokens give their names.</summary>
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

    /// <summary>The text of the tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    public string DecodeText(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(Decode(tokens));

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

        var isSpecial = new bool[tokens.Count];
        isSpecial.AsSpan(0, specials).Fill(true);
        return new Tokenizer(tokens, isSpecial, rules, "The trained tokenizer");
    }

    void EncodeText(ReadOnlySpan<char> text, List<int> output)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            Encode(buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)), output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    int FindSpecial(ReadOnlySpan<char> text)
    {
        foreach (var (name, token) in _specialsLongestFirst)
        {
            if (text.StartsWith(name, StringComparison.Ordinal))
            {
                return token;
            }
        }

        return -1;
    }

    int Require(string name, string origin) => _specials.TryGetValue(name, out var token)
        ? token
        : throw new NoosException($"{origin} lacks the special token {name}; use a vocabulary with the ChatML tokens of Qwen.");

    ulong ComputeFingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(_starts.AsSpan()));
        hash.AppendData(_bytes);
        hash.AppendData(MemoryMarshal.AsBytes(_isSpecial.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(_merges.AsSpan()));
        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}
