using Noos.Core;

namespace Noos.Language.Tokenization.Vocabularies;

/// <summary>
/// The tokens after which nothing more is to be generated. Few files name them all, so they are also known by their names, as in
/// llama.cpp.
/// </summary>
sealed class EndOfGeneration
{
    // Also the end of an HTML element; as an ordinary word, which it is for Qwen, it ends nothing.
    const string HtmlEnd = "</s>";

    // The first that a vocabulary has is its end of turn, if its file names none.
    static readonly string[] s_turnEnds =
    [
        SpecialTokens.MessageEnd, "<|eot_id|>", "<|end|>", "<end_of_turn>", "<turn|>", "<|return|>", "<EOT>", "_<EOT>", "[EOT]",
        "<end_of_utterance>",
        "<|end_of_text|>", SpecialTokens.EndOfText, "<｜end▁of▁sentence｜>",
    ];

    static readonly string[] s_otherEnds =
    [
        "<|call|>", "<|flush|>", "<|calls|>", HtmlEnd, "<|eom_id|>", "[EOS]", "<eos>", "<|tool_response>", "[e~[",
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]",
        "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>",
        "<|file_sep|>",
    ];

    readonly int[] _tokens;

    /// <exception cref="NoosException">The vocabulary has no token that ends a text.</exception>
    public EndOfGeneration(VocabularyDescription vocabulary, Dictionary<string, int> ids)
    {
        var ends = new HashSet<int>(vocabulary.Ids.Others ?? []);
        foreach (var name in (IEnumerable<string>)[.. s_turnEnds, .. s_otherEnds])
        {
            if (ids.TryGetValue(name, out var token) && !(name == HtmlEnd && vocabulary.Kinds[token] == TokenKind.Normal))
            {
                ends.Add(token);
            }
        }

        // In the format "harmony" a message ends with <|end|>, and the answer goes on with the next.
        if ((Has("<|return|>") && Has("<|call|>")) || (Has("<|flush|>") && (Has("<|call|>") || Has("<|calls|>"))))
        {
            Remove("<|end|>");
        }

        if (Has("<|tool_response>"))
        {
            Remove(HtmlEnd);
        }

        OfTurn = vocabulary.Ids.EndOfTurn ?? FirstOf(s_turnEnds) ?? vocabulary.Ids.End ?? FirstOf([HtmlEnd, "<eos>", "[EOS]"])
            ?? throw new NoosException(
                ErrorKind.Damaged, $"{vocabulary.Origin} names no token that ends a text; export the model again with its vocabulary.");
        OfText = Find(SpecialTokens.EndOfText) ?? vocabulary.Ids.End ?? OfTurn;
        ends.UnionWith([OfTurn, OfText, vocabulary.Ids.End ?? OfText, vocabulary.Ids.EndOfMessage ?? OfText]);
        _tokens = [.. ends];
        Array.Sort(_tokens);

        bool Has(string name) => ids.ContainsKey(name);

        void Remove(string name)
        {
            if (ids.TryGetValue(name, out var token))
            {
                ends.Remove(token);
            }
        }

        int? Find(string name) => ids.TryGetValue(name, out var token) ? token : null;

        int? FirstOf(string[] names) =>
            names.FirstOrDefault(name => Find(name) is { } token && ends.Contains(token)) is { } first ? Find(first) : null;
    }

    public int OfText { get; }

    public int OfTurn { get; }

    public IReadOnlyList<int> All => _tokens;

    public bool Contains(int token) => _tokens.AsSpan().Contains(token);
}
