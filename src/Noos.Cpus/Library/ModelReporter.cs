using Noos.Core;
using Noos.Inference.Estimates;

namespace Noos.Cpus.Library;

/// <summary>Says what models take of this machine, which is measured once, when it is first asked. Thread-safe.</summary>
/// <param name="speed">What its cores can do, where that is known already.</param>
public sealed class ModelReporter(MachineSpeed? speed = null)
{
    readonly Lazy<MachineSpeed> _speed = new(() => speed ?? MachineSpeed.Measure());

    /// <summary>Of a model that is here; the first time takes about a second, in which all cores are busy.</summary>
    /// <param name="path">Of a split model its first file.</param>
    /// <exception cref="NoosException">It is not there, or no GGUF file.</exception>
    public ModelReport Read(string path) => ModelReport.Read(path, _speed.Value);

    /// <inheritdoc cref="ModelReport.Estimate"/>
    public ModelReport Estimate(CatalogModel model) => ModelReport.Estimate(model, _speed.Value);
}
