using Noos.Core;
using Noos.Core.Tools;

namespace Noos.Kernel.Cpu;

/// <summary>What a CPU is and can do.</summary>
/// <param name="Name">The name of its model.</param>
/// <param name="Can">What it can do beyond generating text.</param>
/// <param name="MaxTokens">Prompt and answer together may have at most so many tokens; null where only the model elsewhere knows.</param>
/// <param name="Fingerprint">
/// Equal for equal weights: with the same seed and options the same tokens come again. Null where nobody knows.
/// </param>
public sealed record CpuInfo(string Name, CpuFeatures Can = CpuFeatures.None, int? MaxTokens = null, string? Fingerprint = null)
{
    /// <summary>What its makers called the model; null where nobody knows, or it is the name.</summary>
    public string? Title { get; init; }

    /// <summary>What it uses for whatever a turn leaves open.</summary>
    public GenerationOptions Defaults { get; init; } = GenerationOptions.Default;

    /// <summary>
    /// Names of the tools that its model was taught: of those that nobody asked for it is offered no others. Null for all.
    /// </summary>
    public IReadOnlyList<string>? TaughtTools { get; init; }

    /// <summary>The loaded adapters; requests choose them by their place here.</summary>
    public IReadOnlyList<CpuAdapter> Adapters { get; init; } = [];

    /// <summary>It makes vectors of texts and generates none (BERT): no turn runs on it.</summary>
    public bool IsEncoder { get; init; }

    /// <summary>The refusal of a turn by an encoder.</summary>
    /// <param name="field">Which field of a request names it.</param>
    public NoosException CannotChat(string field = "model") => new(
        $"{Name} is an encoder: it makes vectors of texts or ranks them (POST /v1/embeddings, /v1/rerank) and answers nothing; ask "
        + "another model.")
    {
        Parameter = field,
    };

    /// <summary>Those of the tools that the model is told of.</summary>
    /// <param name="tools">What it may call.</param>
    /// <param name="areOptional">Nobody asked for them by name.</param>
    public IEnumerable<ITool> Offered(IEnumerable<ITool> tools, bool areOptional) =>
        areOptional && TaughtTools is { } taught ? tools.Where(tool => taught.Contains(tool.Declaration.Name)) : tools;
}

/// <summary>A LoRA adapter that is loaded.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Scale">How strongly it acts where a request does not say.</param>
public sealed record CpuAdapter(string Path, float Scale)
{
    /// <summary>Where a request names it as its model: the name of its file without the ending.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path).Replace(' ', '-');

    /// <summary>How strongly it acts for a request that names it: one that is loaded with 0 acts for those alone.</summary>
    public float NamedScale => Scale == 0 ? 1 : Scale;
}

/// <summary>What a CPU can do beyond generating text.</summary>
[Flags]
public enum CpuFeatures
{
    None = 0,

    /// <summary>Keep an answer to a JSON schema or a grammar while it is written.</summary>
    Constrain = 1,

    /// <summary>Tell how likely each token was.</summary>
    Score = 2,

    /// <summary>Choose adapters for each request.</summary>
    Adapt = 4,

    /// <summary>Generate the same tokens again from the same seed.</summary>
    Replay = 8,

    /// <summary>Look at pictures in a conversation.</summary>
    See = 16,

    /// <summary>Listen to sound in a conversation.</summary>
    Hear = 32,

    /// <summary>Go on with a message of its own (<see cref="Turn.ContinuesAnswer"/>).</summary>
    Continue = 64,
}
