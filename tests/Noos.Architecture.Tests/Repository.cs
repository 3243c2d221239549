using System.Runtime.CompilerServices;

namespace Noos.Architecture.Tests;

/// <summary>The files of the repository that these tests were compiled from.</summary>
static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The project files below a folder.</summary>
    public static IEnumerable<string> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories);

    /// <summary>The sources below a folder; what the build wrote is left out.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    static string FindRoot([CallerFilePath] string thisFile = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(thisFile)!);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Noos.slnx was not found above the tests.");
        }

        return folder.FullName;
    }
}
