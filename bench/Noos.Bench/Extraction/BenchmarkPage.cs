namespace Noos.Bench.Extraction;

/// <summary>A page of a benchmark.</summary>
/// <param name="Id">Its name there.</param>
/// <param name="Address">Where it was fetched; null when unknown.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Truth">Its content, as the benchmark has it; empty where it has only snippets.</param>
/// <param name="With">Snippets that belong to the content.</param>
/// <param name="Without">Snippets that do not.</param>
/// <param name="Kind">The kind of page; empty where the benchmark does not say.</param>
sealed record BenchmarkPage(
    string Id, Uri? Address, byte[] Content, string Truth, IReadOnlyList<string> With, IReadOnlyList<string> Without, string Kind);
