using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Noos.Architecture.Tests;

/// <summary>The house of docs/architecture.md: which project may reference which. A new arrow is a decision, taken here.</summary>
public sealed partial class ProjectReferenceTests
{
    static readonly Dictionary<string, string[]> s_allowed = new(StringComparer.Ordinal)
    {
        ["Core"] = [],
        ["Language"] = ["Core"],
        ["MachineCode"] = [],
        ["Inference"] = ["Language", "MachineCode", "Core"],
        ["Media"] = ["Core"],
        ["Peripherals"] = ["Kernel", "Inference", "Language", "Media", "Core"],
        ["Corpus"] = ["Language", "Core"],
        ["Training"] = ["Language", "MachineCode", "Core"],
        ["Kernel"] = ["Core"],
        ["Cpus"] = ["Kernel", "Inference", "Language", "Core"],
        ["Courses"] = ["Core"],
        ["Tools"] = ["Courses", "Corpus", "Core"],
        ["Factory"] = ["Training", "Corpus", "Cpus", "Tools", "Courses", "Kernel", "Language", "Core"],
        ["Server"] = ["Kernel", "Cpus", "Peripherals", "Media", "Tools", "Core"],
        ["Pages"] = ["Server", "Cpus", "Peripherals", "Kernel", "Core"],
        ["Cli"] =
        [
            "Pages", "Server", "Factory", "Cpus", "Peripherals", "Kernel", "Media", "Tools", "Courses", "Corpus", "Training",
            "Inference", "Language", "Core",
        ],
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

    /// <summary>A project sees what its references reference; it may still use only what the table names.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Sources_use_only_what_the_table_allows(string project)
    {
        string[] allowed = [Short(project), .. s_allowed[Short(project)]];
        Assert.Empty(Repository.Sources(Path.Combine("src", project))
            .SelectMany(path => UsedProject().Matches(File.ReadAllText(path))
                .Select(match => match.Groups["project"].Value)
                .Where(used => s_allowed.ContainsKey(used) && !allowed.Contains(used))
                .Select(used => $"{Path.GetRelativePath(Repository.Root, path)} uses Noos.{used}")));
    }

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

    [GeneratedRegex(@"\bNoos\.(?<project>[A-Z]\w+)\.", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex UsedProject();

    static string Short(string project) => project["Noos.".Length..];
}
