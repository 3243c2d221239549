using Noos.Cpus.Library;
using Noos.Kernel.Processes;

namespace Noos.Pages;

/// <summary>What the pages need to know of their host.</summary>
public sealed record PagesOptions
{
    /// <summary>The folder of the home, for what is no part of the journal: pins, the archive. Null keeps them in memory.</summary>
    public string? Home { get; init; }

    /// <summary>Whose the conversations are that the page begins.</summary>
    public string Owner { get; init; } = "user";

    /// <summary>The processes that the page shows; null for the <see cref="ProcessTable"/> of the services.</summary>
    public ProcessTable? Processes { get; init; }

    /// <summary>Bytes of a file that is given to a conversation.</summary>
    public long MaxFileLength { get; init; } = GivenFiles.UsualMaxLength;

    /// <summary>Bytes of a file with conversations that is imported.</summary>
    public long MaxImportLength { get; init; } = 256L << 20;

    /// <summary>The monitor looks so often at the system, while somebody watches.</summary>
    public TimeSpan MonitorInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Models that are offered to be pulled.</summary>
    public IReadOnlyList<CatalogModel> Catalog { get; init; } = ModelCatalog.Models;

    /// <summary>A text that streams is drawn at most so often; it comes with the beats of the journal, which are a little longer.</summary>
    public TimeSpan DrawInterval { get; init; } = TimeSpan.FromMilliseconds(35);
}
