using Noos.Core;
using Noos.Cpus.Library;
using Noos.Kernel.Cpu;

namespace Noos.Pages.Models;

/// <summary>The models on this computer, as the page of models lists them.</summary>
static class ModelShelf
{
    /// <summary>Reads the heads of all files, and measures the machine where that was never done: to be awaited elsewhere.</summary>
    /// <param name="cpu">What can be asked.</param>
    /// <param name="library">What lies on the disk; null where nobody says.</param>
    /// <param name="reporter">Says what a model takes; null leaves that out, and is quick.</param>
    public static IReadOnlyList<ShelfModel> Read(ICpu cpu, ModelLibrary? library, ModelReporter? reporter)
    {
        // A base model completes text and holds no conversation.
        var listings = cpu.List().Where(listing => listing.Parent is null && (listing.IsOpen || !listing.IsBase))
            .DistinctBy(listing => listing.Info.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        StoredModel[] stored =
        [
            .. (library?.List() ?? []).Where(model => !model.IsBase)
                .DistinctBy(model => model.Name, StringComparer.OrdinalIgnoreCase),
        ];
        var models = listings.Select(listing => Join(
            listing, Array.Find(stored, model => IsSame(model, listing.Info.Name)), isUsual: IsSame(listing.Info.Name, cpu.Info.Name),
            reporter));
        var others = stored.Where(model => !model.IsWhole).Select(model => new ShelfModel(model.Name) { Stored = model });
        return [.. models, .. others];
    }

    static ShelfModel Join(CpuListing listing, StoredModel? stored, bool isUsual, ModelReporter? reporter)
    {
        var (report, problem) = (default(ModelReport), default(string));
        if (stored is { IsWhole: true } && reporter is not null)
        {
            try
            {
                report = reporter.Read(stored.Path);
                problem = report.Obstacle;
            }
            catch (NoosException e)
            {
                problem = e.Message;
            }
        }

        return new ShelfModel(listing.Info.Name)
        {
            Listing = listing,
            Stored = stored,
            IsUsual = isUsual,
            Report = report,
            Problem = problem,
        };
    }

    static bool IsSame(StoredModel model, string name) => IsSame(model.Id, name) || IsSame(model.Name, name);

    static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A model on this computer, or one that can be asked although it runs elsewhere.</summary>
/// <param name="Name">What a process asks for.</param>
public sealed record ShelfModel(string Name)
{
    const long Million = 1_000_000;

    /// <summary>Null for one that cannot be asked, because it is not wholly here.</summary>
    public CpuListing? Listing { get; init; }

    /// <summary>Null for one that runs elsewhere.</summary>
    public StoredModel? Stored { get; init; }

    /// <summary>Chats use it unless somebody says otherwise.</summary>
    public bool IsUsual { get; init; }

    /// <summary>Null where nothing is known, or not yet.</summary>
    public ModelReport? Report { get; init; }

    /// <summary>Why it cannot be used, in a sentence.</summary>
    public string? Problem { get; init; }

    /// <summary>It makes vectors of texts, for search, and answers nobody.</summary>
    public bool IsEncoder => Listing?.Info.IsEncoder ?? false;

    public long Bytes => Stored?.Bytes ?? Listing?.Bytes ?? 0;

    /// <summary>What must be said of an encoder, or of so small a model; null for a larger one.</summary>
    public string? Warning => IsEncoder ? "Makes vectors of texts, for search by meaning; it does not chat." : Report?.Parameters switch
    {
        < 100 * Million => "Very small: good for small talk, and for sums with a calculator. It knows almost nothing and makes things up.",
        < 1000 * Million => "Small: quick, but it knows little and makes mistakes.",
        _ => null,
    };
}
