namespace Noos.Architecture.Tests;

/// <summary>
/// No rings among the folders of a project: namespaces are folders (IDE0130), and a folder that uses another is not used by it. So every
/// folder can be read after those below it, and moved out into a project of its own.
/// </summary>
public sealed class NamespaceCycleTests
{
    // Debts: folders of one ring count as one folder until the ring is opened. Nothing is to be added here.
    static readonly Dictionary<string, (string From, string To)[]> s_known = new(StringComparer.Ordinal)
    {
    };

    // Inside the kernels, techniques and formats know each other.
    static readonly string[] s_whole = ["Noos.Inference.Kernels"];

    public static TheoryData<string> Assemblies => ["Noos.Core", "Noos.Language", "Noos.Inference"];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Folders_of_a_project_form_no_cycle(string assembly) =>
        Assert.Null(Read(assembly).Group(name => FirstFolder(assembly, name)).FindCycle(s_known.GetValueOrDefault(assembly, [])));

    [Theory]
    [InlineData("Noos.Inference")]
    public void Folders_inside_folders_form_no_cycle(string assembly) => Assert.Null(
        Read(assembly)
            .Group(name => Array.Find(s_whole, whole => name == whole || name.StartsWith(whole + '.', StringComparison.Ordinal)) ?? name)
            .FindCycle([]));

    [Fact]
    public void Known_exceptions_are_still_there()
    {
        foreach (var (assembly, edges) in s_known)
        {
            var graph = Read(assembly).Group(name => FirstFolder(assembly, name));
            Assert.All(edges, edge =>
                Assert.True(graph.Find(edge.From, edge.To) is not null, $"{edge.From} -> {edge.To} is no more; take it off the list."));
        }
    }

    [Fact]
    public void Cycle_is_described_by_its_shortest_way()
    {
        var cycle = NamespaceGraph.Read(typeof(NamespaceCycleTests).Assembly.Location).FindCycle([]);

        Assert.Equal(
            "Noos.Architecture.Tests.Samples.Left -> Noos.Architecture.Tests.Samples.Right (First uses Second)"
            + " -> Noos.Architecture.Tests.Samples.Left (Second uses First)",
            cycle);
    }

    static NamespaceGraph Read(string assembly) => NamespaceGraph.Read(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

    static string FirstFolder(string assembly, string name) =>
        name == assembly || !name.StartsWith(assembly + '.', StringComparison.Ordinal)
            ? "(root)"
            : name[(assembly.Length + 1)..].Split('.')[0];
}
