using Noos.Core;
using Noos.Core.Text;
using Noos.Kernel.Cpu;

namespace Noos.Pages.Models;

/// <summary>The models that may be asked for, as a list to choose from.</summary>
static class ModelChoices
{
    /// <summary>The usual one first; empty where nobody can say now. Takes a look at the disk.</summary>
    public static IReadOnlyList<ModelChoice> Read(ICpu cpu)
    {
        try
        {
            return
            [
                .. cpu.List().Where(model => (model.IsOpen || !model.IsBase)
                    && (!model.Info.IsEncoder || IsSame(model.Info.Name, cpu.Info.Name)))
                    .Select(model => new ModelChoice(model.Info.Name, LabelOf(model)))
                    .DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase),
            ];
        }
        catch (NoosException)
        {
            return [];
        }
    }

    static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    // An adapter stands under its model, which List puts before it.
    static string LabelOf(CpuListing model) => model.Parent is { } parent ? $"↳ {model.Info.Name} ({parent} with an adapter)"
        : model.IsOpen || model.Bytes == 0 ? model.Info.Name : $"{model.Info.Name} ({ByteSize.Format(model.Bytes)})";
}

/// <param name="Name">What a process asks for.</param>
/// <param name="Label">For people.</param>
public sealed record ModelChoice(string Name, string Label);
