using System.Text;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>Format <c>text</c>: a file of prose, cut into parts.</summary>
static class PlainText
{
    public static IEnumerable<Document> Read(string path)
    {
        var part = new StringBuilder();
        foreach (var (_, line) in Lines.Read(path))
        {
            part.Append(Encoding.UTF8.GetString(line.Span)).Append('\n');
            if (part.Length > 6000)
            {
                yield return new Document(ProseText.Clean(part.ToString()));
                part.Clear();
            }
        }

        yield return new Document(ProseText.Clean(part.ToString()));
    }
}
