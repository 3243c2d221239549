using System.Globalization;
using Noos.Core.Conversations;

namespace Noos.Pages.Text;

/// <summary>
/// What the numbers in brackets of an answer lead to: of equal numbers the passage that was read last, for this answer or an earlier one.
/// Filled while the answer is made.
/// </summary>
/// <param name="prefix">Makes the anchors of one answer different from those of others.</param>
/// <param name="earlier">What earlier answers have read; null for none.</param>
public sealed class CitationLinks(string prefix, CitationLinks? earlier = null)
{
    readonly SortedDictionary<int, ReadPassage> _passages = [];

    /// <summary>The passages that were read for this answer, by their numbers.</summary>
    public IReadOnlyCollection<ReadPassage> Passages => _passages.Values;

    /// <summary>Grows when passages come.</summary>
    public int Version { get; private set; }

    /// <summary>Takes the passages of a result in.</summary>
    public void Add(ToolResultPart result)
    {
        ArgumentNullException.ThrowIfNull(result);
        foreach (var part in result.Parts.OfType<TextPart>())
        {
            if (part.Citation is { } citation)
            {
                _passages[citation.Number] = new ReadPassage(citation, part.Text);
                Version++;
            }
        }
    }

    public ReadPassage? Find(int number) => _passages.GetValueOrDefault(number) ?? earlier?.Find(number);

    /// <summary>The id of the element with a passage.</summary>
    public string AnchorOf(int number) => _passages.ContainsKey(number) || earlier is null
        ? $"{prefix}-source-{number.ToString(CultureInfo.InvariantCulture)}"
        : earlier.AnchorOf(number);
}

/// <summary>A passage that an answer can lead to.</summary>
/// <param name="Citation">Where it stands.</param>
/// <param name="Text">Its words.</param>
public sealed record ReadPassage(Citation Citation, string Text);
