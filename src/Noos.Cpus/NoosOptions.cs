using Noos.Core.Network;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Processes;

namespace Noos.Cpus;

/// <summary>
/// Which model runs, and how. Whoever has an environment (the command line, a host) reads it and says here what it found.
/// </summary>
public sealed class NoosOptions
{
    /// <summary>
    /// A GGUF file, the name of a model of the library, or the address of an OpenAI-compatible endpoint such as
    /// <c>http://localhost:8080/v1#name</c>. Null for the only assistant in the models folder.
    /// </summary>
    public string? Model { get; set; }

    /// <summary>
    /// Further models that turns may ask for by name (<see cref="Turn.Model"/>), beside those of the library: files and addresses, too.
    /// </summary>
    public IReadOnlyList<string> OtherModels { get; set; } = [];

    /// <summary>Models that answer, in this order, where <see cref="Model"/> cannot; as <see cref="OtherModels"/>.</summary>
    public IReadOnlyList<string> Fallbacks { get; set; } = [];

    /// <summary>With so many answers at work and waiting a model counts as busy, and a fallback answers.</summary>
    public int FallbackTurns { get; set; } = new CpuPoolOptions().MaxTurns;

    /// <summary>
    /// Bytes of weights that models beside <see cref="Model"/> may take in memory together; null for half of what is free at the start.
    /// </summary>
    public long? OtherModelMemory { get; set; }

    /// <summary>Where models are looked for; null for the usual folders.</summary>
    public ModelLibraryOptions? Library { get; set; }

    /// <summary>The key of the endpoint.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Used for whatever a request leaves open.</summary>
    public GenerationOptions Defaults { get; set; } = GenerationOptions.Default;

    /// <summary>What <see cref="Defaults"/> leave open, too, is greedy, whatever the model's makers advise.</summary>
    public bool IsGreedy { get; set; }

    /// <summary>LoRA adapters to load beside the model.</summary>
    public IReadOnlyList<AdapterFile> Adapters { get; set; } = [];

    /// <summary>
    /// Prompt and answer of a model on this computer may have at most so many tokens; null for as many as it was made for. Keys and values
    /// take memory as they come, not before.
    /// </summary>
    public int? ContextLength { get; set; }

    /// <summary>
    /// Most questions that a model on this computer answers at the same time; more wait. Null for
    /// <see cref="LocalCpu.DefaultMaxConcurrency"/>.
    /// </summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>How a model on this computer is computed.</summary>
    public InferenceOptions? Inference { get; set; }

    /// <summary>What one answer may spend on tools.</summary>
    public ToolLimits Limits { get; set; } = new();

    /// <summary>What tools may do without a question.</summary>
    public GatePolicy Policy { get; set; } = new();

    /// <summary>Where requests of tools may go.</summary>
    public EgressOptions Egress { get; set; } = new();

    /// <summary>What is done beside running the processes of a home.</summary>
    public ProcessTableOptions Processes { get; set; } = new();

    /// <summary>The same for another model: adapters are for one alone, and no model is asked for a longer context than it has.</summary>
    internal NoosOptions For(string model) => new()
    {
        Model = model,
        Library = Library,
        ApiKey = ApiKey,
        Defaults = Defaults,
        IsGreedy = IsGreedy,
        ContextLength = ContextLength,
        IsContextCapped = true,
        MaxConcurrency = MaxConcurrency,
        Inference = Inference,
    };

    /// <summary>A context longer than the model's is cut to it instead of being refused.</summary>
    internal bool IsContextCapped { get; set; }
}
