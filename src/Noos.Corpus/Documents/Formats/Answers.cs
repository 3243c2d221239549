using Noos.Corpus.Reading;

namespace Noos.Corpus.Documents.Formats;

/// <summary>
/// Format <c>answers</c>: rows with <c>prompt</c> and <c>response</c>. The request stands above its answer, so that a base model
/// already knows what belongs to what; book-length answers are cut, and only their first part keeps the request.
/// </summary>
static class Answers
{
    const int LongAnswer = 24_000;

    public static IEnumerable<Document> Read(string path)
    {
        foreach (var row in JsonRow.Read(path))
        {
            var prompt = ProseText.Clean(row.Text("prompt"));
            var response = ProseText.Clean(row.Text("response"));
            var text = $"{prompt}\n\n{response}";
            if (response.Length < LongAnswer)
            {
                yield return new Document(text, row.OptionalText("kind"));
                continue;
            }

            foreach (var part in ProseText.Split(text))
            {
                yield return new Document(part, row.OptionalText("kind"));
            }
        }
    }
}
