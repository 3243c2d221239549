using System.Globalization;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;
using Noos.Testing;

namespace Noos.Language.Tests.Tokenization.Vocabularies;

/// <summary>Builds small GGUF files that hold nothing but a vocabulary.</summary>
sealed class VocabularyFile
{
    readonly List<(string Name, int Type, float Score)> _tokens = [];
    readonly Dictionary<string, GgufValue> _values = [];
    string[]? _merges;

    public const int Normal = 1;
    public const int Unknown = 2;
    public const int Control = 3;
    public const int UserDefined = 4;
    public const int Byte = 6;

    /// <summary>A vocabulary as SentencePiece makes it: structure, 256 bytes, then pieces, the first with the highest score.</summary>
    public static VocabularyFile SentencePiece(params string[] pieces)
    {
        var file = new VocabularyFile()
            .With("tokenizer.ggml.model", "llama")
            .Token("<unk>", Unknown)
            .Token("<s>", Control)
            .Token("</s>", Control);
        for (var value = 0; value < 256; value++)
        {
            file.Token(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"), Byte);
        }

        for (var index = 0; index < pieces.Length; index++)
        {
            file.Token(pieces[index], Normal, -index);
        }

        return file;
    }

    /// <summary>A byte-level vocabulary: 256 bytes in their order, then what the merges make, then <c>&lt;|endoftext|&gt;</c>.</summary>
    public static VocabularyFile ByteLevel(string pre, params string[] merges)
    {
        var file = new VocabularyFile { _merges = merges }.With("tokenizer.ggml.model", "gpt2").With("tokenizer.ggml.pre", pre);
        for (var value = 0; value < 256; value++)
        {
            file.Token(ByteAlphabet.Write([(byte)value]), Normal);
        }

        foreach (var merge in merges)
        {
            file.Token(merge.Replace(" ", "", StringComparison.Ordinal), Normal);
        }

        return file.Token("<|endoftext|>", Control);
    }

    public int Count => _tokens.Count;

    public VocabularyFile Token(string name, int type, float score = 0)
    {
        _tokens.Add((name, type, score));
        return this;
    }

    public VocabularyFile With(string key, GgufValue value)
    {
        _values[key] = value;
        return this;
    }

    public void WriteTo(string path)
    {
        var writer = new GgufWriter();
        foreach (var (key, value) in _values)
        {
            writer.Add(key, value);
        }

        writer.Add("tokenizer.ggml.tokens", _tokens.Select(token => token.Name).ToArray());
        writer.Add("tokenizer.ggml.token_type", _tokens.Select(token => token.Type).ToArray());
        writer.Add("tokenizer.ggml.scores", _tokens.Select(token => token.Score).ToArray());
        if (_merges is not null)
        {
            writer.Add("tokenizer.ggml.merges", _merges);
        }

        writer.WriteTo(path);
    }

    public Tokenizer Read()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("vocabulary.gguf");
        WriteTo(path);
        using var file = GgufFile.Open(path);
        return Tokenizer.FromGguf(file);
    }
}
