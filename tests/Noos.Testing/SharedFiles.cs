namespace Noos.Testing;

/// <summary>
/// Files that lie beside the repository and are no part of it, such as templates of other models; often they are not there.
/// </summary>
public static class SharedFiles
{
    /// <summary>The path of a file; null where it is not there.</summary>
    /// <param name="parts">Below the shared folder, such as "conformance", "templates", "X.jinja".</param>
    public static string? Find(params ReadOnlySpan<string> parts)
    {
        var inside = Path.Combine(parts);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", inside);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
