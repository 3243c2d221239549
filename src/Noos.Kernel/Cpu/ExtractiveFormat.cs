namespace Noos.Kernel.Cpu;

/// <summary>
/// An extractive answer: a span of passages that begins and ends at the borders of words, or one sentence that says that there is no
/// answer in them. The model chooses, but cannot invent.
/// </summary>
public sealed record ExtractiveFormat
{
    /// <summary>The sentence, unless another is asked for; the one that our models are taught.</summary>
    public const string DefaultRefusal = "The text does not say.";

    /// <summary>
    /// What spans are taken from. Null: the results of tools and the files of the conversation; without any of these, what the user's last
    /// message says before its last line, which is the question.
    /// </summary>
    public IReadOnlyList<string>? Passages { get; init; }

    /// <summary>Said where there is no answer; null for <see cref="DefaultRefusal"/>.</summary>
    public string? Refusal { get; init; }

    /// <summary>A span may be followed by the number of its passage, such as <c>[2]</c>.</summary>
    public bool Cite { get; init; }
}
