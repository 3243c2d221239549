using System.CommandLine;
using Noos.Tools.Code;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Cli.Chat;

/// <summary>How code of the model is run.</summary>
sealed class CodeFlags
{
    // What the tool needs to tell the model how far it came, before the gate gives up on it.
    static readonly TimeSpan s_lead = TimeSpan.FromSeconds(2);

    readonly Option<string?> _python = new("--python")
    {
        Description = "The Python that runs code, for example of a virtual environment with libraries (default: the system's).",
        HelpName = "PATH",
    };

    readonly Option<SandboxLevel?> _sandbox = new("--sandbox")
    {
        Description = "The strongest sandbox to use: bubblewrap, landlock, or interpreter, which runs JavaScript alone (default: the "
            + "strongest that works here; 'noos doctor' names it).",
        HelpName = "LEVEL",
    };

    readonly Option<long?> _memory = MemorySizeOption.Create("--code-memory", "Memory that code may use: 2G unless told otherwise.");

    public IReadOnlyList<Option> All => [_python, _sandbox, _memory];

    /// <param name="parsed">The command line.</param>
    /// <param name="time">How long one call of a tool may run.</param>
    public CodeOptions Read(ParseResult parsed, TimeSpan time)
    {
        var usual = new CodeOptions();
        var memory = parsed.GetValue(_memory);
        return usual with
        {
            // Told now, not when the first code is to run.
            Python = parsed.GetValue(_python) is { } python ? PythonInterpreter.Find(python).Path : null,
            Sandbox = usual.Sandbox with { StrongestLevel = parsed.GetValue(_sandbox) ?? usual.Sandbox.StrongestLevel },
            Time = time > 2 * s_lead ? time - s_lead : time / 2,
            Limits = usual.Limits with { Memory = memory ?? usual.Limits.Memory },
            ScriptMemory = Math.Min(memory ?? usual.ScriptMemory, usual.ScriptMemory),
        };
    }
}
