using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Noos.Core;

namespace Noos.Cli;

/// <summary>
/// Runs a command: a failure that the user can act on is one sentence on standard error and the exit code of its <see cref="ErrorKind"/> (1
/// for wrong use), Ctrl-C is exit code 130.
/// </summary>
static class CommandLine
{
    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        AddExamplesToHelp(root);
        // "@daily" and "@anna, hello" are words of the user, not names of files with arguments.
        var parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (CommandMistakes.Find(root, parsed, arguments) is { Count: > 0 } mistakes)
        {
            // The suggestion of what was meant is the help; the whole page would push it out of sight.
            mistakes.ForEach(Console.Error.WriteLine);
            return ErrorKind.Invalid.ExitCode();
        }

        using var interruption = ControlC.Begin();
        try
        {
            // The library would print a stack trace of any exception, and end the program before a cancelled command has saved its work.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return ControlC.ExitCode;
        }
        catch (NoosException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return exception.Kind.ExitCode();
        }
        catch (OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync("This machine has not enough memory for it; choose a smaller model or a shorter context.");
            return ErrorKind.OutOfMemory.ExitCode();
        }
    }

    static void AddExamplesToHelp(RootCommand root)
    {
        if (root.Options.OfType<HelpOption>().SingleOrDefault() is { Action: SynchronousCommandLineAction usual } help)
        {
            help.Action = new HelpWithExamples(usual);
        }
    }

    sealed class HelpWithExamples(SynchronousCommandLineAction usual) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var result = usual.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExamples { Examples: { Count: > 0 } examples })
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    output.WriteLine($"  {example}");
                }
            }

            return result;
        }
    }
}
