using Noos.Core;
using Noos.Tools.Code;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Tests.Code;

/// <summary>The levels of the sandbox that this machine has; tests of the others are skipped with a word.</summary>
static class SandboxLevels
{
    static readonly Dictionary<SandboxLevel, Lazy<Task<SandboxChoice>>> s_choices =
        new[] { SandboxLevel.Bubblewrap, SandboxLevel.Landlock }.ToDictionary(
            level => level,
            level => new Lazy<Task<SandboxChoice>>(() => SandboxChoice.FindAsync(new SandboxOptions { StrongestLevel = level })));

    public static TheoryData<SandboxLevel> All => [SandboxLevel.Bubblewrap, SandboxLevel.Landlock];

    /// <summary>Options for code at a level; skips the test where the machine has no such level, or no Python.</summary>
    public static async Task<CodeOptions> RequireAsync(SandboxLevel level)
    {
        var choice = await s_choices[level].Value;
        Assert.SkipUnless(choice.Level == level, $"No {level} here: {string.Join(' ', choice.Refusals)}");
        try
        {
            PythonInterpreter.Find(null);
        }
        catch (NoosException e)
        {
            Assert.Skip(e.Message);
        }

        return new CodeOptions { Sandbox = new SandboxOptions { StrongestLevel = level } };
    }
}
