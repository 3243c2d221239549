using Noos.Core;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Encyclopedias;

/// <summary>
/// Makes the encyclopedia that comes with Noos out of free texts: the leads of Wikipedia's best articles, the World Factbook, WordNet, and
/// the glossaries of OpenStax. The same sources give the same articles.
/// </summary>
public static class EncyclopediaBuilder
{
    /// <summary>All articles, in the order of their sources.</summary>
    /// <param name="folder">The folder of sources, in which the files lie under their usual names.</param>
    /// <param name="options">What goes in.</param>
    /// <param name="cancellationToken">Stops between articles.</param>
    /// <exception cref="NoosException">A source is missing (NotFound) or damaged (Damaged).</exception>
    public static async Task<IReadOnlyList<Document>> ReadAsync(
        string folder, EncyclopediaOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new EncyclopediaOptions();
        return
        [
            .. await WikipediaLeads.ReadAsync(folder, options.MaxLeadLength, cancellationToken),
            .. await CountryArticles.ReadAsync(folder, cancellationToken),
            .. await WordArticles.ReadAsync(folder, cancellationToken),
            .. await GlossaryArticles.ReadAsync(folder, cancellationToken),
        ];
    }
}
