using Noos.Core;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Code;

/// <summary>
/// What runs code on this machine: the sandbox and the interpreters, found when they are first asked for. Cheap to make, thread-safe.
/// </summary>
public sealed class CodeRuntime
{
    readonly Lazy<Task<SandboxChoice>> _choice;

    public CodeRuntime(CodeOptions? options = null)
    {
        Options = options ?? new CodeOptions();
        _choice = new Lazy<Task<SandboxChoice>>(() => Task.Run(() => SandboxChoice.FindAsync(Options.Sandbox)));
    }

    public CodeOptions Options { get; }

    /// <summary>The sandbox that is used, tried out once.</summary>
    public Task<SandboxChoice> FindSandboxAsync(CancellationToken cancellationToken = default) =>
        _choice.Value.WaitAsync(cancellationToken);

    /// <summary>Starts Python in the sandbox.</summary>
    /// <exception cref="NoosException">There is no Python, or no sandbox; the sentence says what to do.</exception>
    internal async Task<PythonSession> StartPythonAsync(string folder, CancellationToken cancellationToken)
    {
        var choice = await FindSandboxAsync(cancellationToken);
        if (choice.Sandbox is not { } sandbox)
        {
            throw new NoosException(
                ErrorKind.Unavailable, "Python is not run here, because nothing on this machine can confine it; use JavaScript.");
        }

        return await PythonSession.StartAsync(sandbox, PythonInterpreter.Find(Options.Python), folder, Options, cancellationToken);
    }

    /// <summary>What of all that runs code is there, and how to get the rest.</summary>
    public async Task<IReadOnlyList<CodeCheck>> CheckAsync(CancellationToken cancellationToken = default)
    {
        var choice = await FindSandboxAsync(cancellationToken);
        var checks = new List<CodeCheck>
        {
            new("sandbox", choice.Level == SandboxLevel.Bubblewrap,
                string.Join(' ', choice.Refusals.Append(choice.Description)),
                choice.Refusals.Any(refusal => refusal.Contains("not installed", StringComparison.Ordinal)) ? Install.Line("bubblewrap")
                    : choice.Level == SandboxLevel.Bubblewrap ? null
                    : "sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"),
        };
        checks.Add(await CheckPythonAsync(choice, "python", "import sys; print('Python', sys.version.split()[0])", "python3",
            cancellationToken));
        if (checks[^1].IsGood)
        {
            checks.Add(await CheckPythonAsync(
                choice, "charts", "import matplotlib; print('matplotlib', matplotlib.__version__)", "python3-matplotlib",
                cancellationToken));
            checks.Add(await CheckPythonAsync(
                choice, "tables", "import pandas; print('pandas', pandas.__version__)", "python3-pandas", cancellationToken));
        }

        checks.Add(new CodeCheck("javascript", true, "JavaScript is part of Noos, and draws charts as SVG.", null));
        return checks;
    }

    async Task<CodeCheck> CheckPythonAsync(
        SandboxChoice choice, string name, string code, string package, CancellationToken cancellationToken)
    {
        if (choice.Sandbox is null)
        {
            return new CodeCheck(name, false, "Not run without a sandbox.", Install.Line("bubblewrap"));
        }

        var folder = Directory.CreateTempSubdirectory("noos-doctor-").FullName;
        try
        {
            await using var session = await StartPythonAsync(folder, cancellationToken);
            var result = await session.RunAsync(code, report: null, Options.Time, cancellationToken);
            return result.End == CellEnd.Completed
                ? new CodeCheck(name, true, result.Output.Trim() + ".", null)
                : new CodeCheck(name, false, $"{package} is not installed.", Install.Line(package));
        }
        catch (NoosException e)
        {
            return new CodeCheck(name, false, e.Message, Install.Line(package));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
