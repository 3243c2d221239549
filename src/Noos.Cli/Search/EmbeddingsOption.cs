using System.CommandLine;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Inference;

namespace Noos.Cli.Search;

/// <summary><c>--embeddings MODEL</c></summary>
sealed class EmbeddingsOption
{
    public Option<string?> Option { get; } = new("--embeddings")
    {
        Description = "An embedding model, by name or file: passages that have vectors of it ('noos index embed') are ranked by meaning, "
            + "too.",
        HelpName = "MODEL",
    };

    /// <summary>The model that was named; null for none.</summary>
    public LocalEmbeddingGenerator? Open(ParseResult parsed, NoosSettings settings) =>
        parsed.GetValue(Option) is { } model ? Open(model, settings) : null;

    public static LocalEmbeddingGenerator Open(string model, NoosSettings settings) => ModelSource.OpenEmbeddings(new NoosOptions
    {
        Model = model,
        Library = ModelLibraryOptions.From(settings),
        Inference = new InferenceOptions { MaxKernelTier = KernelChoice.Parse(settings.Kernels) },
    });
}
