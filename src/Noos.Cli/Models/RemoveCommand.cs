using System.CommandLine;
using Noos.Core.Text;
using Noos.Cpus.Library;

namespace Noos.Cli.Models;

/// <summary><c>noos rm NAME</c></summary>
static class RemoveCommand
{
    public static Command Create(ModelLibrary library)
    {
        var name = new Argument<string>("name") { Description = "A pulled model, as 'noos models' lists it." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new CommandWithExamples(
            "rm", "Remove a model that was pulled. Others are never touched.", "noos rm Qwen/Qwen3-0.6B-GGUF:Q8_0");
        command.Arguments.Add(name);
        command.Options.Add(yes);
        command.SetAction(parsed => Run(library, parsed.GetRequiredValue(name), parsed.GetValue(yes)));
        return command;
    }

    static int Run(ModelLibrary library, string name, bool isSure)
    {
        var model = PulledModelRemoval.Find(library, name);
        var size = ByteSize.Format(model.Bytes);
        if (!isSure)
        {
            Console.Error.Write($"Remove {model.Name} ({size}) from {model.Folder}? [y/N] ");
            if (Console.In.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            {
                Console.Error.WriteLine("Nothing was removed; --yes removes without asking.");
                return 1;
            }
        }

        PulledModelRemoval.Remove(model);
        Console.WriteLine($"Removed {model.Name} ({size}).");
        return 0;
    }
}
