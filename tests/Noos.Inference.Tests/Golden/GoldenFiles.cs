namespace Noos.Inference.Tests.Golden;

static class GoldenFiles
{
    public static string Find(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside of the repository.");
        }

        return Path.Combine(folder.FullName, "tests", "Noos.Inference.Tests", "Golden", name);
    }
}
