using Noos.Core;
using Noos.Training.Kernels;

namespace Noos.Training.Tests.Kernels;

/// <summary>All kernels that can run here, named like avx512-fp32.</summary>
public static class KernelsOfThisMachine
{
    public static TheoryData<string> Names => [.. All.Select(NameOf)];

    internal static IReadOnlyList<TileKernel> All { get; } =
    [
        .. ProductOptions.Names.Where(name => name is not (ProductOptions.Auto or ProductOptions.Libtorch))
            .SelectMany(name => Enum.GetValues<Precision>().Select(precision => TryFind(name, precision))).OfType<TileKernel>(),
    ];

    internal static string NameOf(TileKernel kernel) => $"{kernel.Name}-{ProductOptions.NameOf(kernel.Precision)}";

    internal static TileKernel Find(string name) => All.First(kernel => NameOf(kernel) == name);

    internal static ProductOptions Options(string name) => new() { Kernels = Find(name).Name, Precision = Find(name).Precision };

    static TileKernel? TryFind(string name, Precision precision)
    {
        try
        {
            return new ProductOptions { Kernels = name, Precision = precision }.FindKernel();
        }
        catch (NoosException)
        {
            return null;
        }
    }
}
