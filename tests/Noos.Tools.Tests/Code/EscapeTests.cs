using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Noos.Core.Conversations;
using Noos.Tools.Code;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Tools.Tests.Code;

/// <summary>
/// Every attempt of <c>EscapeAttempts.py</c> to get out of the sandbox, at every level: none succeeds, nothing outside is touched, and
/// nothing lives on. The attempts are tried without a sandbox, too, where that does no harm: there they do succeed.
/// </summary>
public sealed partial class EscapeTests
{
    const string Sign = "ESCAPED";

    static readonly string s_source = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EscapeAttempts.py"));

    // Small ones: what holds a little back holds back much, and the machine is needed for other tests, too.
    static readonly SandboxLimits s_limits = new()
    {
        Memory = 512 << 20,
        Processes = 32,
        FileLength = 16 << 20,
        FolderGrowth = 32 << 20,
        FolderEntries = 2000,
        TemporaryLength = 8 << 20,
    };

    public static TheoryData<SandboxLevel, string> Attempts
    {
        get
        {
            var data = new TheoryData<SandboxLevel, string>();
            foreach (var level in (SandboxLevel[])[SandboxLevel.Bubblewrap, SandboxLevel.Landlock])
            {
                foreach (Match attempt in Definition().Matches(s_source))
                {
                    data.Add(level, attempt.Groups["name"].Value);
                }
            }

            return data;
        }
    }

    public static TheoryData<string> HarmlessAttempts =>
    [
        .. Definition().Matches(s_source).Where(attempt => attempt.Groups["harmless"].Success)
            .Select(attempt => attempt.Groups["name"].Value),
    ];

    [Fact]
    public void There_are_more_than_sixty_attempts() => Assert.True(Definition().Count(s_source) > 60);

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task Attempt_fails(SandboxLevel level, string attempt)
    {
        var options = await SandboxLevels.RequireAsync(level) with
        {
            Limits = s_limits,
            MaxPrinted = 1 << 20,
            Time = TimeSpan.FromSeconds(15),
        };
        // As a key of an API would be there.
        Environment.SetEnvironmentVariable("NOOS_TEST_KEY", "noos-secret");
        await using var world = new EscapeWorld();
        using var context = new CodeContext();
        var description = world.Description.DeepClone().AsObject();
        description["work"] = context.Folder;
        string text;
        await using (var tool = new PythonTool(new CodeRuntime(options)))
        {
            var code = s_source[..s_source.IndexOf("if __name__", StringComparison.Ordinal)]
                + $"\nW = json.loads({Quote(description)})\n{attempt}()";
            var result = await tool.InvokeAsync(
                CodeContext.Call(PythonTool.Name, code), context, TestContext.Current.CancellationToken);
            text = string.Concat(result.Parts.OfType<TextPart>().Select(part => part.Text));
            TestContext.Current.SendDiagnosticMessage("{0}: {1}", attempt, text);
        }

        Assert.DoesNotContain(Sign, text, StringComparison.Ordinal);
        Assert.DoesNotContain("NameError", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SyntaxError", text, StringComparison.Ordinal);
        Assert.Empty(world.FindDamage());
        Assert.False(await world.HasSurvivorAsync());
    }

    [Theory]
    [MemberData(nameof(HarmlessAttempts))]
    public async Task Attempt_succeeds_without_a_sandbox(string attempt)
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root may do all of this outside of a sandbox.");
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "There is no Python here.");
        await using var world = new EscapeWorld();
        using var context = new CodeContext();
        var description = world.Description.DeepClone().AsObject();
        description["work"] = context.Folder;
        using var process = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "EscapeAttempts.py"), attempt, description.ToJsonString()])
        {
            WorkingDirectory = context.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["NOOS_TEST_KEY"] = "noos-secret" },
        })!;

        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)
            + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains(Sign, said, StringComparison.Ordinal);
    }

    static string Quote(JsonObject description) => JsonValue.Create(description.ToJsonString()).ToJsonString();

    [GeneratedRegex(@"^def (?<name>\w+)\(\):.*?(?<harmless># harmless)?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Definition();
}
