using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization.Splitting;

namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>Reads the description of a vocabulary from a GGUF file, with llama.cpp's values for what the file does not say.</summary>
static class GgufVocabulary
{
    const string Prefix = "tokenizer.ggml.";

    static readonly string[] s_otherEnds = ["fim_pad_token_id", "fim_rep_token_id", "fim_sep_token_id"];

    /// <exception cref="NoosException">The file has no vocabulary of a known kind, or its parts do not fit.</exception>
    public static VocabularyDescription Read(GgufFile file)
    {
        var origin = $"The model '{file.Path}'";
        var pre = file.GetString(Prefix + "pre") ?? "";
        var model = file.GetString(Prefix + "model") switch
        {
            "gpt2" when pre is "gemma4" or "granite-embed-multi-311m" => TokenizerModel.CharacterLevel,
            "gpt2" => TokenizerModel.ByteLevel,
            "llama" => TokenizerModel.SentencePiece,
            "gemma4" => TokenizerModel.CharacterLevel,
            "bert" => TokenizerModel.WordPiece,
            var kind => throw new NoosException(
                $"{origin} has a vocabulary of kind '{kind ?? "none"}'; only byte-level BPE ('gpt2'), SentencePiece ('llama'), "
                + "WordPiece ('bert') and 'gemma4' are supported."),
        };
        var names = file.GetStrings(Prefix + "tokens") ?? throw Missing("tokens");
        if (names.Count > Tokenizer.MaxVocabularySize)
        {
            throw new NoosException(
                ErrorKind.Refused, $"{origin} has {names.Count} tokens; there must be at most {Tokenizer.MaxVocabularySize}.");
        }

        var rule = model == TokenizerModel.ByteLevel ? PreTokenizerTable.Find(pre) : null;
        var isSentencePiece = model == TokenizerModel.SentencePiece;
        var isWordPiece = model == TokenizerModel.WordPiece;
        return new VocabularyDescription
        {
            Origin = origin,
            Model = model,
            PreTokenizer = pre,
            // Two empty names would be one token.
            Names = [.. names.Select((name, token) => name.Length > 0 ? name : $"[EMPTY_{token}]")],
            Kinds = Kinds(),
            Scores = isSentencePiece ? Scores() : [],
            Merges = isSentencePiece || isWordPiece
                ? []
                : (file.GetStrings(Prefix + "merges") ?? throw Missing("merges")).Where(Vocabulary.IsMerge)
                    .Select(merge => Vocabulary.SplitMerge(merge, origin)),
            PassesOverUnknownMerges = true,
            Ids = new SpecialTokenIds(
                // BERT's [CLS] and [SEP], also of its descendants; the second key is written with this letter missing.
                Begin: Id("bos_token_id") ?? Id("cls_token_id") ?? (isWordPiece ? Named("[CLS]") : Default(1)),
                End: Id("eos_token_id") ?? Id("seperator_token_id") ?? (isWordPiece ? Named("[SEP]") : Default(2)),
                EndOfTurn: Id("eot_token_id"),
                EndOfMessage: Id("eom_token_id"),
                Others: [.. s_otherEnds.Select(Id).OfType<int>()]),
            AddsBegin = model is TokenizerModel.CharacterLevel or TokenizerModel.WordPiece
                || (file.GetBool(Prefix + "add_bos_token") ?? (isSentencePiece || rule is { AddsBegin: true })),
            AddsEnd = isWordPiece || (file.GetBool(Prefix + "add_eos_token") ?? false),
            // RoBERTa's, of which Jina's first models have the vocabulary.
            DoublesSeparator = !isWordPiece && pre is "jina-v1-en" or "jina-v2-code" or "roberta-bpe",
            AddsSpacePrefix = isSentencePiece && (file.GetBool(Prefix + "add_space_prefix") ?? true),
            SpecialsTakeSpaceAfter = file.GetString("general.name") is { } title
                && (title.Contains("phi-3", StringComparison.OrdinalIgnoreCase)
                    || title.Contains("phi3", StringComparison.OrdinalIgnoreCase)),
        };

        TokenKind[] Kinds()
        {
            if (file.GetIntegers(Prefix + "token_type") is not { } types)
            {
                return [.. Enumerable.Repeat(TokenKind.Normal, names.Count)];
            }

            if (types.Count < names.Count)
            {
                throw new NoosException(
                    ErrorKind.Damaged, $"{origin} has {names.Count} tokens but only {types.Count} token types; export it again.");
            }

            var kinds = new TokenKind[names.Count];
            for (var token = 0; token < kinds.Length; token++)
            {
                kinds[token] = types[token] is >= (int)TokenKind.Normal and <= (int)TokenKind.Byte and var kind
                    ? (TokenKind)kind : TokenKind.Undefined;
            }

            return kinds;
        }

        IReadOnlyList<float> Scores()
        {
            var scores = file.GetFloats(Prefix + "scores") ?? new float[names.Count];
            return scores.Count >= names.Count
                ? [.. scores.Take(names.Count)]
                : throw new NoosException(
                    ErrorKind.Damaged, $"{origin} has {names.Count} tokens but only {scores.Count} scores; export it again.");
        }

        // An id outside the vocabulary is as good as none.
        int? Id(string key) => file.GetInteger(Prefix + key) is { } id && id >= 0 && id < names.Count ? (int)id : null;

        int? Default(int id) => isSentencePiece && id < names.Count ? id : null;

        int? Named(string name) => names.ToList().IndexOf(name) is var id and >= 0 ? id : null;

        NoosException Missing(string key) =>
            new(ErrorKind.Damaged, $"{origin} has no '{Prefix}{key}'; export the model again with its vocabulary.");
    }
}
