using System.Collections.Frozen;
using Noos.Language.Tokenization.Merging;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// The pre-tokenizers of byte-level vocabularies by the name that GGUF files give them (<c>tokenizer.ggml.pre</c>): the most used are
/// written by hand, the others are regular expressions. Both give the pieces of llama.cpp, which differ in places from those of the
/// expression in the model's own files.
/// </summary>
static class PreTokenizerTable
{
    const string Contractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
    const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    const string Others = @" ?[^\s\p{L}\p{N}]+[\r\n]*";
    const string Letters = @"[^\r\n\p{L}\p{N}]?\p{L}+";
    const string Ideographs = "[一-龥\u0800-一가-\uD7FF]+";
    const string HanAndKana = "[一-龥\u3040-ゟ゠-ヿ]+";
    const string AsianScripts =
        "[\u4E00-\u9FFF\u3400-\u4DBF\u8C48-\uFAFF\u3040-\u309F\u30A0-\u30FF\uFF65-\uFF9F\u2F00-\u2FDF"
        + "\u0E40-\u0E7F\u0E80-\u0EFF\u1780-\u17FF\u1000-\u109F\uAA60-\uAA7F\uA9E0-\uA9FF\uAC00-\uD7AF\u1100-\u11FF]+";

    const string CodeWords = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+";

    // As in the file of DeepSeek; the letters beyond the basic plane are one stand-in.
    const string CasedLetters =
        "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377"
        + "\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556\u10A0-\u10C5"
        + "\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A\u1E00-\u1F15\u1F18-\u1F1D"
        + "\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4"
        + "\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D"
        + "\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4"
        + "\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06"
        + "\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A\uE000";

    static readonly Lazy<FrozenDictionary<string, PreTokenizerRule>> s_all = new(Build);

    /// <summary>The rule of a name in GGUF (<c>tokenizer.ggml.pre</c>); null if it is unknown.</summary>
    public static PreTokenizerRule? Find(string name) => s_all.Value.GetValueOrDefault(name);

    static FrozenDictionary<string, PreTokenizerRule> Build()
    {
        var rules = new Dictionary<string, PreTokenizerRule>(StringComparer.Ordinal);
        Add(
            Hand(default(Cl100kSplitter<Qwen2Rule>)),
            "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2");
        Add(Hand(default(Cl100kSplitter<Qwen35Rule>)), "qwen35");
        Add(
            Hand(default(Cl100kSplitter<Llama3Rule>)) with { PrefersWholePieces = true, AddsBegin = true },
            "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        Add(Hand(default(Cl100kSplitter<Llama3Rule>)), "dbrx", "smaug-bpe", "glm4", "chatglm-bpe");
        Add(
            Hand(default(Gpt2Splitter<Gpt2Rule>)),
            "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum", "modern-bert",
            "jina-v1-en", "jina-v2-code", "roberta-bpe", "exaone4", "mpt", "olmo", "jais", "trillion", "granite-docling");
        Add(
            Hand(default(Gpt2Splitter<DigitsFirstRule>)),
            "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b", "mellum2");
        Add(Hand(default(O200kSplitter<Gpt4oRule>)), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        Add(Hand(default(O200kSplitter<TekkenRule>)) with { PrefersWholePieces = true, AddsBegin = true }, "tekken");

        Add(Regex(@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"), "", "default");
        Add(Regex(@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"), "falcon");
        Add(
            Regex(
                $@"{Contractions}|{Letters}|\p{{N}}{{1,3}}|{Others}|\s*[\r\n]+"
                + @"|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)"
                + @"|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}"),
            "jais-2");
        // Without the look-behind the search would begin anew at every space of a run that is not at the end.
        Add(
            Regex(@"[\r\n]", $@"\s?[{CasedLetters}]+", @"\s?[!-/:-~！-／：-～‘-‟　-。]+", @"(?<!\s)\s+\z", Ideographs, @"\p{N}+"),
            "deepseek-llm");
        Add(Regex(@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", Ideographs, @"\p{N}"), "deepseek-coder");
        Add(Regex(@"\p{N}{1,3}", HanAndKana, $@"{CodeWords}[\r\n]*|{Spaces}"), "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4");
        Add(Regex(@"\p{N}{1,3}", HanAndKana, $@"{CodeWords}|[\r\n]|\s+(?!\S)|\s+", @"\p{N}"), "spark2_5");
        var youtu = Regex(
            "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + HanAndKana,
            $@"[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+({Contractions})?|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Spaces}");
        Add(youtu with { PrefersWholePieces = true }, "youtu");
        Add(Regex(" ?[^(\\s|.,!?…。，、।۔،)]+"), "poro-chat", "bloom", "gpt3-finnish");
        Add(Regex(" ?[^(\\s|.,!?…。，、।۔،)]+", @"\p{N}"), "viking");
        Add(
            Regex(
                "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"[\t\n]|    |  ", @"\p{N}", @"[\p{P}!-/:-@\[-`{-~]",
                Gpt2) with
            {
                AddsBegin = true,
            },
            "chameleon");
        Add(
            Regex(
                $@"[^\r\n\p{{L}}\p{{N}}]?((?=[\p{{L}}\p{{M}}])[^a-z])*((?=[\p{{L}}\p{{M}}])[^A-Z])+({Contractions})?"
                + $@"|[^\r\n\p{{L}}\p{{N}}]?((?=[\p{{L}}\p{{M}}])[^a-z])+((?=[\p{{L}}\p{{M}}])[^A-Z])*({Contractions})?"
                + $@"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Spaces}") with
            {
                PrefersWholePieces = true,
            },
            "granite-embed-multi-97m");
        Add(
            Regex($@"'([sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|{Letters}|\p{{N}}|{Others}|\s*[\r\n]|\s+(?!\S)|\s+"),
            "bailingmoe", "bailingmoe2", "llada-moe");
        Add(Regex($@"{Contractions}|{Letters}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|{Spaces}"), "seed-coder");
        Add(Regex($@"{Letters}|\p{{N}}|{Others}|{Spaces}"), "ufakzeka");
        Add(Regex(@"[^\n]+|[\n]+", $@"{Contractions}|{Letters}|\p{{N}}|{Others}|{Spaces}"), "laguna");
        Add(
            Regex(
                $@"{Contractions}|[^\r\n\p{{L}}\p{{N}}]?(\p{{L}}\p{{M}}*( \p{{L}}\p{{M}}*)*)+|\p{{N}}"
                + @"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"),
            "exaone-moe");
        Add(Regex(@"\p{N}{1,3}", $@"{Contractions}|{Letters}|\p{{N}}+|{Others}|{Spaces}") with { PrefersWholePieces = true }, "minicpm5");
        Add(
            Regex(
                RegexRule.DigitGroups,
                $@"[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+({Contractions})?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{Spaces}"),
            "tiny_aya", "cohere2moe");
        Add(Regex(RegexRule.DigitGroups, AsianScripts, $@"{CodeWords}[\r\n]*|{Spaces}"), "afmoe");
        return rules.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(PreTokenizerRule rule, params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                rules.Add(name, rule);
            }
        }
    }

    static PreTokenizerRule Hand<TSplitter>(TSplitter splitter)
        where TSplitter : struct, ISplitter<TSplitter> =>
        new((initialSymbols, merges, whole, outOfVocabulary) =>
            new BpeTextEncoder<TSplitter, ByteSymbols>(splitter, initialSymbols, merges, whole, outOfVocabulary));

    static PreTokenizerRule Regex(params string[] patterns)
    {
        var rule = new Lazy<RegexRule>(() => new RegexRule(patterns));
        return new((initialSymbols, merges, whole, outOfVocabulary) =>
            new BpeTextEncoder<RegexSplitter, ByteSymbols>(new RegexSplitter(rule.Value), initialSymbols, merges, whole, outOfVocabulary));
    }
}

/// <summary>A pre-tokenizer and what goes with its name.</summary>
/// <param name="Encoder">Makes the encoder that cuts by this rule.</param>
sealed record PreTokenizerRule(Func<ByteSymbols, MergeTable, TokenLookup?, OutOfVocabularySymbols, TextEncoder> Encoder)
{
    /// <summary>A piece that is itself a token becomes that token, whatever the merges say.</summary>
    public bool PrefersWholePieces { get; init; }

    /// <summary>Texts begin with the BOS token unless the file says otherwise.</summary>
    public bool AddsBegin { get; init; }
}
