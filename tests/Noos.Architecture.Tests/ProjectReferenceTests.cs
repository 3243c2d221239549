using System.Xml.Linq;

namespace Noos.Architecture.Tests;

/// <summary>The house of docs/architecture.md: which project may reference which. A new arrow is a decision, taken here.</summary>
public sealed class ProjectReferenceTests
{
    static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["Core"] = [],
        ["Language"] = ["Core"],
        ["Inference"] = ["Language", "Core"],
        ["Corpus"] = ["Language", "Core"],
        ["Training"] = ["Language", "Core"],
        ["Kernel"] = ["Core"],
        ["Cpus"] = ["Kernel", "Inference", "Language", "Core"],
        ["Courses"] = ["Core"],
        ["Tools"] = ["Courses", "Corpus", "Core"],
        ["Factory"] = ["Training", "Corpus", "Cpus", "Tools", "Courses", "Core"],
        ["Server"] = ["Kernel", "Cpus", "Tools", "Core"],
        ["Cli"] = ["Server", "Factory", "Cpus", "Kernel", "Tools", "Core"],
    };

    public static TheoryData<string> Projects => [.. Repository.Projects("src").Select(path => Path.GetFileNameWithoutExtension(path))];

    [Fact]
    public void Every_project_has_its_row() =>
        Assert.Equal(s_allowed.Keys.Order(), Repository.Projects("src")
            .Select(path => Short(Path.GetFileNameWithoutExtension(path)))
            .Order());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_references_only_what_the_table_allows(string project)
    {
        var file = Path.Combine(Repository.Root, "src", project, project + ".csproj");
        var references = XDocument.Load(file).Descendants("ProjectReference")
            .Select(reference => Short(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))));
        Assert.Empty(references.Except(s_allowed[Short(project)]));
    }

    [Fact]
    public void Server_knows_no_engine() => Assert.DoesNotContain(
        Repository.Sources(Path.Combine("src", "Noos.Server")).SelectMany(File.ReadLines),
        line => line.StartsWith("using Noos.Inference", StringComparison.Ordinal)
            || line.StartsWith("using Noos.Language", StringComparison.Ordinal));

    [Fact]
    public void Table_has_no_cycle()
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        while (done.Count < s_allowed.Count)
        {
            var ready = s_allowed.Where(row => !done.Contains(row.Key) && row.Value.All(done.Contains)).Select(row => row.Key).ToArray();
            Assert.True(ready.Length > 0, $"These reference each other: {string.Join(", ", s_allowed.Keys.Except(done))}");
            done.UnionWith(ready);
        }
    }

    static string Short(string project) => project["Noos.".Length..];
}
