using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Cpus.Remote;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Inference.Architectures;
using Noos.Inference.Sampling;

namespace Noos.Cpus;

/// <summary>
/// Finds the model that one setting names: a GGUF file, the name of a model of the library, or the address of an OpenAI-compatible
/// endpoint. Without a setting, the variable NOOS_MODEL decides, and without that the only assistant in the models folder.
/// </summary>
public static class ModelSource
{
    /// <summary>The environment variable that chooses the model.</summary>
    public const string Variable = "NOOS_MODEL";

    // "Name-base.gguf" is the base model of "Name.gguf".
    const string BaseEnding = "-base";

    /// <summary>A client for the model.</summary>
    /// <param name="setting">What the user chose; null or empty for the default.</param>
    /// <param name="sampling">
    /// Makes what is used where a request does not say out of what the model's makers advise (of a model elsewhere: of the greedy choice); null
    /// leaves it as it is.
    /// </param>
    /// <param name="adapters">LoRA adapters to load beside the model.</param>
    /// <param name="inference">How a local model is computed.</param>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static IChatClient OpenChat(
        string? setting = null, Func<SamplingOptions, SamplingOptions>? sampling = null, IReadOnlyList<AdapterFile>? adapters = null, InferenceOptions? inference = null)
    {
        var chosen = Choose(setting);
        if (chosen is not null && IsEndpoint(chosen))
        {
            return adapters is { Count: > 0 }
                ? throw new NoosException("An adapter needs a model on this computer; leave out --lora, or choose a file with --model.")
                : RemoteModel.Open(chosen, sampling?.Invoke(new SamplingOptions()));
        }

        var model = LanguageModel.Load(FindFile(chosen, wantsBase: false), inference);
        try
        {
            return new LocalChatClient(model, sampling?.Invoke(model.AdvisedSampling), LoadAdapters(model, adapters));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A generator of embeddings.</summary>
    /// <param name="setting">What the user chose; null or empty for the default.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <exception cref="NoosException">There is no such model on this computer; the message says what can be done.</exception>
    public static LocalEmbeddingGenerator OpenEmbeddings(string? setting = null, Pooling? pooling = null)
    {
        var chosen = Choose(setting);
        return chosen is not null && IsEndpoint(chosen)
            ? throw new NoosException("Embeddings are computed on this computer; choose a model here with --model.")
            : new LocalEmbeddingGenerator(LanguageModel.Load(FindFile(chosen, wantsBase: false)), pooling);
    }

    /// <summary>Loads adapters for a model.</summary>
    /// <exception cref="NoosException">One cannot be read or is for another model.</exception>
    public static IReadOnlyList<AdapterScale> LoadAdapters(LanguageModel model, IReadOnlyList<AdapterFile>? adapters)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. (adapters ?? []).Select(adapter => new AdapterScale(model.LoadAdapter(adapter.Path), adapter.Scale))];
    }

    /// <summary>The model of a file, for completing text.</summary>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static LanguageModel OpenBase(string? setting = null, InferenceOptions? inference = null) =>
        LanguageModel.Load(FindFile(Choose(setting), wantsBase: true), inference);

    static string? Choose(string? setting)
    {
        var chosen = string.IsNullOrWhiteSpace(setting) ? Environment.GetEnvironmentVariable(Variable) : setting;
        return string.IsNullOrWhiteSpace(chosen) ? null : chosen;
    }

    static bool IsEndpoint(string setting) =>
        setting.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || setting.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    static string FindFile(string? setting, bool wantsBase)
    {
        var library = new ModelLibrary(ModelLibraryOptions.From(NoosSettings.FromEnvironment()));
        if (setting is not null)
        {
            return library.Resolve(setting);
        }

        var inFolders = library.ListFolders().Where(model => model.IsWhole).ToArray();
        var fitting = inFolders.Where(model => model.Name.EndsWith(BaseEnding, StringComparison.OrdinalIgnoreCase) == wantsBase).ToArray();
        return fitting switch
        {
            [var only] => only.Path,
            [] when !wantsBase && library.ListPulled() is [{ IsWhole: true } pulled] => pulled.Path,
            [] => throw new NoosException($"No {(wantsBase ? "base model" : "assistant")} was found in a models folder; make one with 'noos make recipes/nano.toml', or choose a model with --model: 'noos models' lists those that are here, 'noos pull OWNER/REPO' gets one from Hugging Face."),
            _ => throw new NoosException($"There are several models; choose one with --model or {Variable}: {string.Join(", ", fitting.Select(model => model.Name).Distinct(StringComparer.OrdinalIgnoreCase))}."),
        };
    }
}
