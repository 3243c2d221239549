using System.Text;

namespace Noos.Courses.Lessons;

/// <summary>Text that is built into this assembly.</summary>
public static class Resource
{
    /// <summary>The lines of a resource without its comments, which begin with #.</summary>
    public static IReadOnlyList<string> ReadLines(string name)
    {
        using var stream = typeof(Resource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is not built in.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                lines.Add(line.TrimEnd());
            }
        }

        return lines;
    }
}
