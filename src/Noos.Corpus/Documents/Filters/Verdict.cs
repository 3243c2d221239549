namespace Noos.Corpus.Documents.Filters;

/// <summary>What a filter decides about a document.</summary>
public readonly record struct Verdict
{
    Verdict(string? reason, Document? replacement)
    {
        Reason = reason;
        Replacement = replacement;
    }

    /// <summary>The document stays as it is.</summary>
    public static Verdict Keep => default;

    /// <summary>Why the document is dropped, in a few words that many documents share; null when it is not.</summary>
    public string? Reason { get; }

    /// <summary>The document that takes its place; null when none does.</summary>
    public Document? Replacement { get; }

    /// <param name="reason">Counted by its text, so it must not hold anything of one document.</param>
    public static Verdict Drop(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new Verdict(reason, null);
    }

    /// <summary>Another document goes on in place of this one, such as the same with a passage taken out.</summary>
    public static Verdict Replace(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new Verdict(null, document);
    }
}
