using Microsoft.Extensions.Logging;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Cpus.Remote;
using Noos.Inference;
using Noos.Inference.Adapters;
using Noos.Inference.Batching;
using Noos.Inference.Constraints;
using Noos.Inference.Embeddings;
using Noos.Inference.Encoders;
using Noos.Inference.Memory;
using Noos.Kernel.Cpu;
using Noos.Language.Architectures;
using Noos.Language.Gguf;

namespace Noos.Cpus;

/// <summary>
/// Finds the model that one setting names: a GGUF file, the name of a model of the library, or the address of an OpenAI-compatible
/// endpoint. Without a setting it is the champion, else the only assistant in the models folder.
/// </summary>
public static class ModelSource
{
    /// <summary>The environment variable that chooses the model where the command line does not; commands read it.</summary>
    public const string Variable = "NOOS_MODEL";

    /// <summary>What runs the model of the options.</summary>
    /// <param name="options">Which model, and how it is computed.</param>
    /// <param name="name">What the model is called, where that is not what its file says.</param>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static ICpu OpenCpu(NoosOptions options, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Model is { } address && IsEndpoint(address))
        {
            return options.Adapters.Count > 0
                ? throw new NoosException("An adapter needs a model on this computer; leave out --lora, or choose a file with --model.")
                : RemoteModel.Open(address, options);
        }

        var (id, path) = Find(options, wantsBase: false);
        // Unless told otherwise, the kernel decides who goes first.
        var inference = options.Inference ?? new InferenceOptions();
        var file = Open(path, out var isEncoder);
        if (isEncoder)
        {
            return OpenEncoder(file, options, name ?? id);
        }

        var model = LanguageModel.Load(file, ReferenceEquals(inference.BatchPolicy, DecodeFirstPolicy.Instance)
            ? inference with { BatchPolicy = new TurnBatchPolicy() }
            : inference);
        try
        {
            // A number out of range, a broken grammar, a variable that the template does not read: told now, not with the first question.
            options.Defaults.ApplyTo(model.AdvisedSampling);
            if (options.Defaults.ResponseFormat?.Grammar is { } grammar)
            {
                _ = TextGrammar.ParseGbnf(model.Tokenizer, grammar);
            }

            _ = TemplateVariables.Resolve(model.ChatFormat, options.Defaults);
            if (!options.IsContextCapped && options.ContextLength > model.Config.ContextLength)
            {
                throw new NoosException(
                    $"The model was made for {model.Config.ContextLength:N0} tokens, so its context cannot have "
                    + $"{options.ContextLength:N0}; give --context no more than that, or leave it out.");
            }

            return new LocalCpu(
                model, options.Defaults, LoadAdapters(model, options.Adapters), options.IsGreedy, name: name ?? id,
                contextLength: options.ContextLength, maxConcurrency: options.MaxConcurrency ?? LocalCpu.DefaultMaxConcurrency);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The model of the options and, as they are asked for, all others that they and the library name; fallbacks answer where it cannot.
    /// </summary>
    /// <param name="options">Which models, and how they are computed.</param>
    /// <param name="timeProvider">The clock of failures.</param>
    /// <param name="logger">Told what is opened, closed and passed over.</param>
    /// <exception cref="NoosException">
    /// There is no such model, or it cannot be read; where there are fallbacks the one that cannot be opened is passed over.
    /// </exception>
    public static CpuPool OpenPool(NoosOptions options, TimeProvider? timeProvider = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var source = new LibraryCpuSource(options);
        source.RequireNamed();
        string[] fallbacks = [.. options.Fallbacks.Select(name => source.Resolve(name).Name)];
        var free = options.OtherModelMemory ?? (FreeMemory.Measure() / 2);
        ICpu usual;
        try
        {
            usual = OpenCpu(options);
        }
        catch (NoosException e) when (fallbacks.Length > 0 && e.Kind != ErrorKind.Invalid)
        {
            usual = new UnavailableCpu(options.Model ?? "the usual model", e);
        }

        return new CpuPool(
            usual, source, new CpuPoolOptions
            {
                MaxBytes = free,
                Fallbacks = fallbacks,
                MaxTurns = options.FallbackTurns,
                // Who was named stays; else a new champion answers from its promotion on.
                Usual = string.IsNullOrWhiteSpace(options.Model) && options.Adapters.Count == 0
                    ? () => FindUsual(options, usual.Info.Name)
                    : null,
            },
            timeProvider, logger);
    }

    /// <summary>Who answers now where nobody was named; null for the one that was opened first.</summary>
    static string? FindUsual(NoosOptions options, string opened)
    {
        var library = new ModelLibrary(options.Library ?? ModelLibraryOptions.From(new NoosSettings()));
        var current = library.CurrentChampion;
        if (current is not null || library.FindChampion(opened) is null)
        {
            return current?.Name;
        }

        try
        {
            // It was a champion, and no champion answers any more.
            return Find(options, wantsBase: false).Id;
        }
        catch (NoosException)
        {
            return null;
        }
    }

    /// <summary>A generator of embeddings from the model of the options.</summary>
    /// <param name="options">Which model, and how it is computed.</param>
    /// <param name="pooling">Null for what the file says, else the last token.</param>
    /// <exception cref="NoosException">There is no such model on this computer; the message says what can be done.</exception>
    public static LocalEmbeddingGenerator OpenEmbeddings(NoosOptions options, Pooling? pooling = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Model is { } address && IsEndpoint(address)
            ? throw new NoosException("Embeddings are computed on this computer; choose a model here with --model.")
            : new LocalEmbeddingGenerator(LoadEmbeddings(FindFile(options, wantsBase: false), options.Inference), pooling);
    }

    /// <summary>The reranker of the options.</summary>
    /// <exception cref="NoosException">There is no such model on this computer, or it does not rank.</exception>
    public static LocalReranker OpenReranker(NoosOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Model is { } address && IsEndpoint(address))
        {
            throw new NoosException("Texts are ranked on this computer; choose a model here with --model.");
        }

        var model = EncoderModel.Load(FindFile(options, wantsBase: false), options.Inference);
        try
        {
            return new LocalReranker(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    static IEmbeddingModel LoadEmbeddings(string path, InferenceOptions? options)
    {
        var file = Open(path, out var isEncoder);
        return isEncoder ? EncoderModel.Load(file, options) : LanguageModel.Load(file, options);
    }

    static GgufFile Open(string path, out bool isEncoder)
    {
        var file = GgufFile.Open(path);
        try
        {
            isEncoder = EncoderModel.IsEncoder(file);
            return file;
        }
        catch
        {
            // What it calls its architecture is no text.
            file.Dispose();
            throw;
        }
    }

    /// <param name="file">Owned from now on, also where this fails.</param>
    /// <param name="options">What was asked for beside the model.</param>
    /// <param name="name">What it is called.</param>
    static EncoderCpu OpenEncoder(GgufFile file, NoosOptions options, string name)
    {
        // Those of the sampling are for the models beside it, which requests can ask for.
        if (options.Adapters.Count > 0)
        {
            file.Dispose();
            throw new NoosException($"{name} is an encoder, which has no adapters here; leave out --lora, or choose another model.");
        }

        return new EncoderCpu(EncoderModel.Load(file, options.Inference), name);
    }

    /// <summary>Loads adapters for a model.</summary>
    /// <exception cref="NoosException">One cannot be read or is for another model.</exception>
    public static IReadOnlyList<AdapterScale> LoadAdapters(LanguageModel model, IReadOnlyList<AdapterFile>? adapters)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. (adapters ?? []).Select(adapter => new AdapterScale(model.LoadAdapter(adapter.Path), adapter.Scale))];
    }

    /// <summary>The model of the options, or else the only base model, for completing text.</summary>
    /// <exception cref="NoosException">There is no such model, or it cannot be read; the message says what can be done.</exception>
    public static LanguageModel OpenBase(NoosOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Model is { } address && IsEndpoint(address)
            ? throw new NoosException("Text is completed on this computer; choose a model here with --model.")
            : LanguageModel.Load(FindFile(options, wantsBase: true), options.Inference);
    }

    /// <summary>The setting is the address of a model elsewhere.</summary>
    public static bool IsEndpoint(string setting) =>
        setting.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || setting.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>What a model is called while it runs: that of a file its name, that of an endpoint what stands behind its #.</summary>
    /// <param name="setting">A file, a name, or an address.</param>
    public static string NameOf(string setting)
    {
        ArgumentException.ThrowIfNullOrEmpty(setting);
        return IsEndpoint(setting)
            ? Uri.TryCreate(setting, UriKind.Absolute, out var address) && Uri.UnescapeDataString(address.Fragment) is { Length: > 1 } name
                ? name[1..]
                : setting
            : File.Exists(setting) ? StoredModel.IdOf(SplitName.Parse(Path.GetFileName(setting))?.Stem ?? Path.GetFileName(setting))
            : setting;
    }

    /// <summary>The file of the model of the options; null for one that runs elsewhere.</summary>
    /// <exception cref="NoosException">There is no such model; the message says what can be done.</exception>
    public static string? FindFile(NoosOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Model is { } address && IsEndpoint(address) ? null : FindFile(options, wantsBase: false);
    }

    static string FindFile(NoosOptions options, bool wantsBase) => Find(options, wantsBase).Path;

    static (string Id, string Path) Find(NoosOptions options, bool wantsBase)
    {
        var library = new ModelLibrary(options.Library ?? ModelLibraryOptions.From(new NoosSettings()));
        if (!string.IsNullOrWhiteSpace(options.Model))
        {
            return library.Choose(options.Model);
        }

        if (!wantsBase && library.CurrentChampion is { } champion)
        {
            return champion;
        }

        // A model in two folders is one: its name means the first.
        var inFolders = library.ListFolders().Where(model => model.IsWhole)
            .DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        var fitting = inFolders.Where(model => model.IsBase == wantsBase).ToArray();
        if (fitting.Length > 1)
        {
            // Looked for in the files only where the names leave a choice: an encoder beside the assistant is none.
            fitting = [.. fitting.Where(model => !model.IsEncoder)];
        }

        return fitting switch
        {
            [var only] => (only.Id, only.Path),
            [] when !wantsBase && library.ListPulled() is [{ IsWhole: true } pulled] => (pulled.Id, pulled.Path),
            [] => throw new NoosException(ErrorKind.NotFound,
                $"No {(wantsBase ? "base model" : "assistant")} was found in a models folder; make one with 'noos make "
                + "recipes/nano.toml', or choose a model with --model: 'noos models' lists those that are here, 'noos pull "
                + "OWNER/REPO' gets one from Hugging Face."),
            _ => throw new NoosException(
                $"There are several models; choose one with --model or {Variable}: "
                + $"{string.Join(", ", fitting.Select(model => model.Name))}."),
        };
    }
}
