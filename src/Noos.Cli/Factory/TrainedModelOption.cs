using System.CommandLine;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Factory.Models;

namespace Noos.Cli.Factory;

/// <summary>The model that a training begins with: a file of our own kind.</summary>
sealed class TrainedModelOption(NoosSettings settings)
{
    readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "The model to begin with: a name that 'noos models' lists or a .gguf file of the family qwen3 "
            + "(default: $NOOS_MODEL, else the assistant in the models folder).",
    };

    public void AddTo(Command command) => command.Options.Add(_model);

    /// <exception cref="NoosException">There is no such model here, or it cannot be trained.</exception>
    public TrainableModel Open(ParseResult parsed)
    {
        var path = ModelSource.FindFile(new NoosOptions
        {
            Model = parsed.GetValue(_model) ?? settings.Model,
            Library = ModelLibraryOptions.From(settings),
        });
        return TrainableModel.Open(path ?? throw new NoosException("Only a model on this computer can be trained; name its file."));
    }
}
