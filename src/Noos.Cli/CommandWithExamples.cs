using System.CommandLine;

namespace Noos.Cli;

/// <summary>A command whose help ends with examples.</summary>
sealed class CommandWithExamples(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
