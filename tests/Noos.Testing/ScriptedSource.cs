using Noos.Kernel.Cpu;

namespace Noos.Testing;

/// <summary>A source of CPUs that a test makes; it remembers which were opened.</summary>
/// <param name="offers">By name: how large, and how it is opened.</param>
public sealed class ScriptedSource(params (string Name, long Bytes, Func<ICpu> Open)[] offers) : ICpuSource
{
    /// <summary>The names in the order in which they were opened.</summary>
    public List<string> Opened { get; } = [];

    public IReadOnlyList<CpuOffer> List() =>
        [.. offers.Select(offer => new CpuOffer(offer.Name, offer.Bytes) { Can = CpuFeatures.Replay })];

    public CpuOffer? Find(string name) => List().FirstOrDefault(offer => offer.Name == name);

    public ICpu Open(CpuOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        lock (Opened)
        {
            Opened.Add(offer.Name);
        }

        return offers.First(known => known.Name == offer.Name).Open();
    }
}
