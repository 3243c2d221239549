namespace Noos.Language.Models;

/// <summary>The descriptive metadata of a model file: the <c>general.*</c> keys of GGUF, and its chat template.</summary>
/// <param name="Name">Shown to the user, such as "Noos 6M".</param>
public sealed record ModelInfo(string Name)
{
    public string? Description { get; init; }

    public string? Author { get; init; }

    public string? Version { get; init; }

    /// <summary>SPDX identifier, such as "MIT".</summary>
    public string? License { get; init; }

    /// <summary>
    /// The layout of conversations as a Jinja template, for an assistant: its turns end with <c>&lt;|im_end|&gt;</c>.
    /// Null for a base model, which ends with <c>&lt;|endoftext|&gt;</c>.
    /// </summary>
    public string? ChatTemplate { get; init; }

    /// <summary>How tokens are drawn unless the user says otherwise; null for greedily.</summary>
    public SamplingAdvice? Sampling { get; init; }

    /// <summary>The key of <see cref="Tools"/>.</summary>
    public const string ToolsKey = "noos.tools";

    /// <summary>The tools whose use its lessons taught; null where nothing is said.</summary>
    public IReadOnlyList<string>? Tools { get; init; }
}
