using System.Text;
using Noos.Corpus.Extraction.Blocks;

namespace Noos.Corpus.Extraction.Rendering;

/// <summary>Blocks as plain text, one on each line.</summary>
static class PlainTextRenderer
{
    public static string Render(PageText page, IReadOnlyList<TextBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(page);
        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(page[block].TrimEnd());
        }

        return text.ToString();
    }
}
