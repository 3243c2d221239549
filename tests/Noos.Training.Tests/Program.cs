using Noos.Training.Tests.Distributed;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Noos.Training.Tests;

/// <summary>
/// The tests, or one worker or coordinator of a test. These have threads, and so cannot run in a module initialiser as other processes of
/// tests do: their threads would wait for the end of that.
/// </summary>
static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (WorkerProcess.RunIfAsked() || CoordinatorProcess.RunIfAsked())
        {
            return 0;
        }

        // As the entry point that is otherwise generated.
        return Array.Exists(arguments, argument => argument is "--server" or "--internal-msbuild-node")
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
    }
}
