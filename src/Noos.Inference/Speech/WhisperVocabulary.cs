using System.Text;

namespace Noos.Inference.Speech;

/// <summary>
/// Tokens of Whisper: text first, then the special ones in a fixed order, then a timestamp for every 20 ms of a window. Immutable.
/// </summary>
sealed class WhisperVocabulary
{
    // Annotations such as "(phone ringing)" or music notes begin with one of these; as in tokenizer.py of Whisper, non_speech_tokens.
    static readonly string[] s_nonSpeech =
    [
        "\"", "#", "(", ")", "*", "+", "/", ":", ";", "<", "=", ">", "@", "[", "\\", "]", "^", "_", "`", "{", "|", "}", "~", "「", "」",
        "『", "』", "<<", ">>", "<<<", ">>>", "--", "---", "-(", "-[", "('", "(\"", "((", "))", "(((", ")))", "[[", "]]", "{{", "}}", "♪♪",
        "♪♪♪", "♩", "♪", "♫", "♬", "♭", "♮", "♯",
    ];

    // Those of the published models, whose files do not say where text ends.
    const int EnglishSize = 51864;
    const int EnglishEnd = 50256;

    readonly byte[][] _tokens;
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    readonly int _longest;

    /// <param name="tokens">Bytes of the tokens of text.</param>
    /// <param name="size">Of the whole vocabulary.</param>
    /// <param name="timestamps">Number of timestamps.</param>
    /// <exception cref="InvalidDataException">There is no room for the special tokens.</exception>
    public WhisperVocabulary(byte[][] tokens, int size, int timestamps)
    {
        _tokens = tokens;
        Size = size;
        IsMultilingual = size > EnglishSize;
        EndOfText = IsMultilingual ? EnglishEnd + 1 : size == EnglishSize ? EnglishEnd : tokens.Length - 1;
        FirstTimestamp = size - timestamps;
        LanguageCount = Translate - FirstLanguage;
        if (EndOfText < 1 || LanguageCount < 0 || LanguageCount > WhisperLanguages.Count || (IsMultilingual && LanguageCount == 0))
        {
            throw new InvalidDataException("its vocabulary has no room for Whisper's special tokens");
        }

        for (var token = Math.Min(EndOfText, tokens.Length) - 1; token >= 0; token--)
        {
            // Latin-1 keeps the bytes apart, so that any of them can be looked up.
            _ids[Encoding.Latin1.GetString(tokens[token])] = token;
            _longest = Math.Max(_longest, tokens[token].Length);
        }

        Blank = Find(" ");
        NonSpeech = [.. FindNonSpeech().Distinct().Order()];
    }

    /// <summary>Number of tokens.</summary>
    public int Size { get; }

    /// <summary>It has tokens for languages and translation that mean something.</summary>
    public bool IsMultilingual { get; }

    /// <summary>Ends a window; all tokens before it are text.</summary>
    public int EndOfText { get; }

    /// <summary>Begins a window.</summary>
    public int Start => EndOfText + 1;

    /// <summary>The first of <see cref="LanguageCount"/>, in the order of <see cref="WhisperLanguages"/>.</summary>
    public int FirstLanguage => Start + 1;

    public int LanguageCount { get; }

    /// <summary>Asks for English, whatever is spoken.</summary>
    public int Translate => FirstTimestamp - 6;

    /// <summary>Asks for what is spoken.</summary>
    public int Transcribe => FirstTimestamp - 5;

    /// <summary>What stood before the window begins here.</summary>
    public int Previous => FirstTimestamp - 3;

    /// <summary>Its probability at the start of a window is that nobody speaks.</summary>
    public int NoSpeech => FirstTimestamp - 2;

    /// <summary>Time 0 of the window; each further one is 20 ms later.</summary>
    public int FirstTimestamp { get; }

    /// <summary>A single space; -1 where there is none.</summary>
    public int Blank { get; }

    /// <summary>Tokens that begin what is no speech, ascending.</summary>
    public IReadOnlyList<int> NonSpeech { get; }

    /// <summary>Bytes of a token of text; nothing for a special one.</summary>
    public ReadOnlySpan<byte> BytesOf(int token) => token < EndOfText && token < _tokens.Length ? _tokens[token] : [];

    /// <summary>The text of some tokens; special ones have none.</summary>
    public string Decode(IEnumerable<int> tokens)
    {
        using var bytes = new MemoryStream();
        foreach (var token in tokens)
        {
            bytes.Write(BytesOf(token));
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>
    /// Tokens of a text, at each place the longest that fits. The file has no merges, so they are not always those of training; for a
    /// prompt that is good enough, and whisper.cpp does the same.
    /// </summary>
    public int[] Encode(string text)
    {
        var bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
        var lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var tokens = new List<int>();
        for (var position = 0; position < bytes.Length;)
        {
            var length = Math.Min(_longest, bytes.Length - position);
            int token;
            while (!lookup.TryGetValue(bytes.AsSpan(position, length), out token) && length > 1)
            {
                length--;
            }

            // A byte that is no token is passed over.
            if (lookup.ContainsKey(bytes.AsSpan(position, length)))
            {
                tokens.Add(token);
            }

            position += length;
        }

        return [.. tokens];
    }

    int Find(string text) => _ids.GetValueOrDefault(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)), -1);

    IEnumerable<int> FindNonSpeech()
    {
        foreach (var text in (string[])[" -", " '", .. s_nonSpeech, .. s_nonSpeech.Select(symbol => " " + symbol)])
        {
            if (Find(text) is >= 0 and var token)
            {
                yield return token;
            }
        }
    }
}
