namespace Noos.Cli.Terminal;

/// <summary>How this program is started once more, for work that shall be a process of its own.</summary>
static class OwnProgram
{
    const string Name = "noos";

    /// <summary>
    /// The program and what stands before a command: <c>dotnet noos.dll</c>, or one file. Where another program hosts this one (a test),
    /// it is not that one that is started.
    /// </summary>
    public static (string File, string[] Arguments) Command
    {
        get
        {
            var host = Environment.ProcessPath ?? "dotnet";
            return Path.GetFileNameWithoutExtension(host) switch
            {
                Name => (host, []),
                "dotnet" => (host, [Assembly]),
                _ => ("dotnet", [Assembly]),
            };
        }
    }

    static string Assembly => Path.Combine(AppContext.BaseDirectory, Name + ".dll");
}
