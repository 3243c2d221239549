using System.Text.Json;
using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.HuggingFace;

/// <summary>The vocabulary, its special tokens and the chat template of a Hugging Face folder.</summary>
sealed class HuggingFaceVocabulary
{
    readonly VocabularyDescription _description;
    readonly string? _chatTemplate;
    readonly List<(string Key, GgufValue Value)> _ids;

    HuggingFaceVocabulary(VocabularyDescription description, List<(string Key, GgufValue Value)> ids, string? chatTemplate)
    {
        _description = description;
        _ids = ids;
        _chatTemplate = chatTemplate;
    }

    /// <param name="folder">Where <c>tokenizer.model</c> or <c>tokenizer.json</c> is.</param>
    /// <param name="size">Tokens of the model; the vocabulary is filled up to it.</param>
    /// <exception cref="NoosException">The files are missing, damaged, or of another kind.</exception>
    public static HuggingFaceVocabulary Read(string folder, int size)
    {
        if (size > Tokenizer.MaxVocabularySize)
        {
            throw new NoosException(ErrorKind.Damaged,
                $"The model has {size:N0} tokens, more than the {Tokenizer.MaxVocabularySize:N0} allowed; download it again.");
        }

        try
        {
            return ReadFiles(folder, size);
        }
        catch (InvalidOperationException exception)
        {
            // A string with broken surrogates or bytes is found only when it is read.
            throw new NoosException(ErrorKind.Damaged,
                $"A file of the tokenizer in '{folder}' holds text that is not valid Unicode; download the model again.", exception);
        }
    }

    /// <summary>Adds the <c>tokenizer</c> keys of GGUF.</summary>
    public void AddTo(GgufWriter writer)
    {
        writer.Add("tokenizer.ggml.model", _description.Model switch
        {
            TokenizerModel.ByteLevel => "gpt2",
            TokenizerModel.WordPiece => "bert",
            _ => "llama",
        });
        writer.Add("tokenizer.ggml.pre", _description.PreTokenizer);
        writer.Add("tokenizer.ggml.tokens", _description.Names);
        if (_description.Model == TokenizerModel.ByteLevel)
        {
            writer.Add("tokenizer.ggml.merges", _description.Merges.Select(merge => $"{merge.Left} {merge.Right}").ToArray());
        }
        else if (_description.Model == TokenizerModel.SentencePiece)
        {
            writer.Add("tokenizer.ggml.scores", _description.Scores.ToArray());
            writer.Add("tokenizer.ggml.add_space_prefix", _description.AddsSpacePrefix);
        }

        writer.Add("tokenizer.ggml.token_type", _description.Kinds.Select(kind => (int)kind).ToArray());
        foreach (var (key, value) in _ids)
        {
            writer.Add(key, value);
        }

        if (_chatTemplate is not null)
        {
            writer.Add("tokenizer.chat_template", _chatTemplate);
        }
    }

    static HuggingFaceVocabulary ReadFiles(string folder, int size)
    {
        var settings = JsonFile.ReadIfThere(Path.Combine(folder, "tokenizer_config.json"));
        var config = JsonFile.Read(Path.Combine(folder, "config.json"));
        var isModern = config.Text("model_type") == ModernBertShape.ModelType;
        if (config.Text("model_type") is NomicBertShape.ModelType
            || (config.Text("model_type") == HuggingFaceEncoderConfig.ModelType && !IsByteLevel(folder)))
        {
            var wordPieces = WordPieceList.Read(folder, size, settings);
            var described = wordPieces.Describe($"The model '{folder}'");
            Vocabulary.Build(described);
            return new HuggingFaceVocabulary(described, wordPieces.ToMetadata(), chatTemplate: null);
        }

        var tokenizerPath = Path.Combine(folder, "tokenizer.json");
        var modelPath = Path.Combine(folder, "tokenizer.model");
        var hasModel = File.Exists(modelPath);
        var tokenizer = hasModel ? JsonFile.ReadIfThere(tokenizerPath) : JsonFile.Read(tokenizerPath);
        var tokens = new TokenList(size);
        if (hasModel)
        {
            tokens.AddPieces(SentencePieceModel.Read(modelPath));
        }
        else
        {
            tokens.AddVocabulary(tokenizer!, tokenizerPath);
        }

        var added = new Dictionary<string, int>(StringComparer.Ordinal);
        tokens.AddAdded(tokenizer?.Find("added_tokens", JsonValueKind.Array), settings?.Find("added_tokens_decoder", JsonValueKind.Object),
            added, tokenizerPath);
        var ids = new SpecialIds(settings, config, added, size);
        var (addsBegin, addsEnd) = Additions(tokenizer, settings, ids);
        var isByteLevel = !hasModel && !IsByteFallback(tokenizer!);
        var description = new VocabularyDescription
        {
            Origin = $"The model '{folder}'",
            Model = isByteLevel ? TokenizerModel.ByteLevel : TokenizerModel.SentencePiece,
            PreTokenizer = isModern ? "modern-bert"
                : JinaBertShape.Fits(config) ? "jina-v1-en"
                : isByteLevel ? HuggingFacePreTokenizer.NameOf(tokenizer!, tokenizerPath)
                : "default",
            Names = tokens.Names,
            Kinds = tokens.Kinds,
            Scores = isByteLevel ? [] : tokens.Scores,
            Merges = isByteLevel ? tokens.Merges : [],
            Ids = new SpecialTokenIds(Begin: ids.Begin, End: ids.End),
            AddsBegin = addsBegin ?? (!isByteLevel || isModern),
            AddsEnd = addsEnd ?? isModern,
            AddsSpacePrefix = !isByteLevel && (settings?.Flag("add_prefix_space") ?? (hasModel || PutsSpaceFirst(tokenizer!))),
        };
        // What cannot be read again must not be written.
        Vocabulary.Build(description);
        var metadata = ids.ToMetadata(addsBegin ?? (isModern ? true : null), addsEnd ?? (isModern ? true : null));
        return new HuggingFaceVocabulary(description, metadata, ChatTemplate(folder, settings));
    }

    /// <summary>Some of Jina's BERTs have the vocabulary of RoBERTa.</summary>
    static bool IsByteLevel(string folder) =>
        !File.Exists(Path.Combine(folder, "vocab.txt"))
        && JsonFile.ReadIfThere(Path.Combine(folder, "tokenizer.json"))?.Find("model", JsonValueKind.Object) is { } model
        && JsonFile.Text(model, "type", "tokenizer.json") == "BPE";

    static bool IsByteFallback(JsonFile tokenizer) =>
        tokenizer.Find("model", JsonValueKind.Object) is { } model && JsonFile.Find(model, "byte_fallback", JsonValueKind.True) is not null;

    /// <summary>True if the normalizer or the pre-tokenizer puts a ▁ before a text (<c>Prepend</c> or <c>Metaspace</c>).</summary>
    static bool PutsSpaceFirst(JsonFile tokenizer)
    {
        var steps = (tokenizer.Find("normalizer", JsonValueKind.Object)?.GetRawText() ?? "")
            + (tokenizer.Find("pre_tokenizer", JsonValueKind.Object)?.GetRawText() ?? "");
        return steps.Contains("\"Prepend\"", StringComparison.Ordinal)
            || (steps.Contains("\"Metaspace\"", StringComparison.Ordinal) && !steps.Contains("\"never\"", StringComparison.Ordinal));
    }

    /// <summary>The BOS and EOS that the post-processor puts around a text; null where the files do not say.</summary>
    static (bool? Begin, bool? End) Additions(JsonFile? tokenizer, JsonFile? settings, SpecialIds ids)
    {
        bool? begin = null;
        bool? end = null;
        if (tokenizer?.Find("post_processor", JsonValueKind.Object) is { } processor)
        {
            JsonElement[] steps = JsonFile.Find(processor, "processors", JsonValueKind.Array) is { } list
                ? [.. list.EnumerateArray()]
                : [processor];
            foreach (var step in steps)
            {
                if (JsonFile.Find(step, "single", JsonValueKind.Array) is { } template && template.GetArrayLength() > 1)
                {
                    begin = SpecialOf(template[0]) is { } first ? first == ids.BeginName : begin;
                    end = SpecialOf(template[template.GetArrayLength() - 1]) is { } last ? last == ids.EndName : end;
                }
            }
        }

        return (settings?.Flag("add_bos_token") ?? begin, settings?.Flag("add_eos_token") ?? end);

        static string? SpecialOf(JsonElement part) =>
            JsonFile.Find(part, "SpecialToken", JsonValueKind.Object) is { } special
                ? JsonFile.Text(special, "id", "tokenizer.json")
                : null;
    }

    static string? ChatTemplate(string folder, JsonFile? settings)
    {
        if (settings?.Text("chat_template") is { } text)
        {
            return text;
        }

        if (settings?.Find("chat_template", JsonValueKind.Array) is { } templates)
        {
            foreach (var template in templates.EnumerateArray())
            {
                if (JsonFile.Text(template, "name", "tokenizer_config.json") == "default")
                {
                    return JsonFile.Text(template, "template", "tokenizer_config.json");
                }
            }
        }

        var path = Path.Combine(folder, "chat_template.jinja");
        return File.Exists(path)
            ? File.ReadAllText(path)
            : JsonFile.ReadIfThere(Path.Combine(folder, "chat_template.json"))?.Text("chat_template");
    }

    /// <summary>The tokens by their role: named in <c>tokenizer_config.json</c>, or numbered in <c>config.json</c>.</summary>
    sealed class SpecialIds
    {
        static readonly (string Name, string Key)[] s_roles = [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")];

        readonly Dictionary<string, int> _ids = [];

        public SpecialIds(JsonFile? settings, JsonFile config, Dictionary<string, int> added, int size)
        {
            BeginName = NameOf("bos");
            EndName = NameOf("eos");
            foreach (var (name, _) in s_roles)
            {
                if (NameOf(name) is { } token && added.TryGetValue(token, out var id))
                {
                    _ids[name] = id;
                }
                else if (config.Find($"{name}_token_id", JsonValueKind.Number) is { } number
                    && number.TryGetInt32(out id)
                    && id >= 0
                    && id < size)
                {
                    _ids[name] = id;
                }
            }

            // Encoders call the tokens around a text by what BERT did with them.
            string? NameOf(string role) => SpecialTokenName.Find(settings, role)
                ?? (role is "bos" ? SpecialTokenName.Find(settings, "cls") : role is "eos" ? SpecialTokenName.Find(settings, "sep") : null);
        }

        public string? BeginName { get; }

        public string? EndName { get; }

        public int? Begin => _ids.TryGetValue("bos", out var id) ? id : null;

        public int? End => _ids.TryGetValue("eos", out var id) ? id : null;

        public List<(string Key, GgufValue Value)> ToMetadata(bool? addsBegin, bool? addsEnd)
        {
            var metadata = new List<(string, GgufValue)>();
            foreach (var (name, key) in s_roles)
            {
                if (_ids.TryGetValue(name, out var id))
                {
                    metadata.Add(($"tokenizer.ggml.{key}_token_id", (uint)id));
                }
            }

            if (addsBegin is { } begin)
            {
                metadata.Add(("tokenizer.ggml.add_bos_token", begin));
            }

            if (addsEnd is { } end)
            {
                metadata.Add(("tokenizer.ggml.add_eos_token", end));
            }

            return metadata;
        }
    }
}
