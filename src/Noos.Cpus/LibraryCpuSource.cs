using Noos.Core.Settings;
using Noos.Cpus.Library;
using Noos.Cpus.Remote;
using Noos.Inference.Encoders;
using Noos.Kernel.Cpu;
using Noos.Language.Gguf;

namespace Noos.Cpus;

/// <summary>
/// The models that a program may ask for by name: those of the library, and the files and addresses that whoever started the system has
/// named. Nothing else: a name that comes from elsewhere opens no file and calls no endpoint of its own choice. Thread-safe.
/// </summary>
/// <param name="options">Which models are named, and how they are computed.</param>
sealed class LibraryCpuSource(NoosOptions options) : ICpuSource
{
    readonly ModelLibrary _library = new(options.Library ?? ModelLibraryOptions.From(new NoosSettings()));
    readonly Lazy<CpuOffer[]> _named = new(() => [.. options.OtherModels.Concat(options.Fallbacks).Select(name => Named(options, name))]);

    /// <summary>Told now and not with the first question: a model that was named and is not there.</summary>
    /// <exception cref="Core.NoosException">There is no such model.</exception>
    public void RequireNamed() => _ = _named.Value;

    public IReadOnlyList<CpuOffer> List()
    {
        var stored = _library.List().Where(model => model.IsWhole).ToArray();
        var ids = stored.CountBy(model => model.Id, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);

        // Of a repository with several files the id says too little.
        return [.. _named.Value, .. stored.Select(model => Offer(model) with { Name = ids[model.Id] == 1 ? model.Id : model.Name })];
    }

    public CpuOffer? Find(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Array.Find(_named.Value, offer => IsSame(offer.Name, name) || IsSame(offer.Location!, name)) is { } named)
        {
            return named;
        }

        if (_library.FindChampion(name) is { } champion)
        {
            // Only assistants are made champions.
            return Local(champion.Name, champion.Path, new FileInfo(champion.Path).Length, isEncoder: false);
        }

        return List().FirstOrDefault(offer => IsSame(offer.Name, name))
            ?? (_library.Find(name) is { IsWhole: true } model ? Offer(model) : null);
    }

    /// <summary>The same for who starts the system, and may name files and addresses.</summary>
    /// <exception cref="Core.NoosException">There is no such model.</exception>
    public CpuOffer Resolve(string name) => Find(name) ?? Named(options, name);

    public ICpu Open(CpuOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        return ModelSource.OpenCpu(options.For(offer.Location!), offer.Name);
    }

    static CpuOffer Named(NoosOptions options, string name)
    {
        if (ModelSource.IsEndpoint(name))
        {
            return new CpuOffer(ModelSource.NameOf(name)) { Location = name, Can = RemoteModel.Media };
        }

        var (id, path) = new ModelLibrary(options.Library ?? ModelLibraryOptions.From(new NoosSettings())).Choose(name);
        return Local(id, path, new FileInfo(path).Length, EncoderModel.IsEncoder(GgufFile.PeekArchitecture(path)));
    }

    static CpuOffer Offer(StoredModel model) =>
        Local(model.Id, model.Path, model.Bytes, model.IsEncoder) with { IsBase = model.IsBase };

    static CpuOffer Local(string name, string path, long bytes, bool isEncoder) => new(name, bytes)
    {
        Location = path,
        IsEncoder = isEncoder,
        Can = isEncoder
            ? CpuFeatures.None
            : CpuFeatures.Constrain | CpuFeatures.Score | CpuFeatures.Adapt | CpuFeatures.Replay | CpuFeatures.Continue,
    };

    static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
