using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Corpus.Index;

namespace Noos.Bench.Retrieval;

/// <summary>A question whose answer is known to stand in some passages.</summary>
/// <param name="Kind">How it was made.</param>
/// <param name="Question">As it is asked.</param>
/// <param name="Addresses">The documents that answer it.</param>
/// <param name="Needles">What their passages or titles must contain; empty where any passage of those documents answers.</param>
sealed record RetrievalQuestion(string Kind, string Question, IReadOnlyList<string> Addresses, IReadOnlyList<string> Needles)
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool IsGold(Passage passage) => Addresses.Contains(passage.Address)
        && (Needles.Count == 0 || Needles.Any(needle => passage.Text.Contains(needle, StringComparison.OrdinalIgnoreCase)
            || passage.Title.Contains(needle, StringComparison.OrdinalIgnoreCase)));

    public static RetrievalQuestion[] Read(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0)
            .Select(line => JsonSerializer.Deserialize<RetrievalQuestion>(line, s_json)!)];

    public static void Write(string path, IEnumerable<RetrievalQuestion> questions) =>
        File.WriteAllLines(path, questions.Select(question => JsonSerializer.Serialize(question, s_json)));
}
