using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Documents;
using Noos.Corpus.Reading;
using ZstdSharp;

namespace Noos.Corpus.Conversations;

/// <summary>
/// Of which documents the lessons of a file were made: a file beside it, so that the lessons themselves are what they would be without.
/// Lines of JSON, compressed; the first names the lessons by content, each other has the number of a line of them, a source and an address.
/// </summary>
public static class LessonOrigins
{
    const string Extension = ".origins.zst";

    /// <summary>The file beside a file of lessons.</summary>
    public static string PathFor(string lessons) => lessons + Extension;

    /// <summary>Writes the origins of lessons that were written.</summary>
    /// <param name="lessonsFile">Their file.</param>
    /// <param name="lessons">In the order of its lines.</param>
    public static void Write(string lessonsFile, IReadOnlyList<Lesson> lessons)
    {
        ArgumentNullException.ThrowIfNull(lessons);
        var hash = HashOf(lessonsFile);
        CompressedFile.Write(PathFor(lessonsFile), stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.WriteLine(JsonSerializer.Serialize(new Header(hash)));
            for (var index = 0; index < lessons.Count; index++)
            {
                if (lessons[index].Origin is { } origin)
                {
                    writer.WriteLine(JsonSerializer.Serialize(new Line(index, origin.Source, origin.Address)));
                }
            }
        });
    }

    /// <summary>
    /// The origins of lessons by their place in the file, from 0; empty where there are none, or they are of other lessons.
    /// </summary>
    /// <exception cref="NoosException">The file is damaged.</exception>
    public static IReadOnlyDictionary<int, DocumentOrigin> Read(string lessonsFile)
    {
        var origins = new Dictionary<int, DocumentOrigin>();
        var path = PathFor(lessonsFile);
        if (!File.Exists(path))
        {
            return origins;
        }

        try
        {
            using var reader = new StreamReader(CompressedFile.OpenRead(path));
            if (JsonSerializer.Deserialize<Header>(reader.ReadLine() ?? "{}")?.Lessons != HashOf(lessonsFile))
            {
                return origins;
            }

            while (reader.ReadLine() is { } text)
            {
                var line = JsonSerializer.Deserialize<Line>(text);
                origins[line.Place] = new DocumentOrigin(line.Source ?? "", line.Address ?? "");
            }

            return origins;
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidDataException or ZstdException)
        {
            throw new NoosException(ErrorKind.Damaged, $"'{path}' is damaged; make the lessons again with 'noos lessons'.", e);
        }
    }

    static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        var hash = new XxHash3();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    sealed record Header(string? Lessons);

    readonly record struct Line(int Place, string? Source, string? Address);
}
