using System.CommandLine;
using Noos.Cli.Factory;

var root = new RootCommand("Noos")
{
    TokenizerCommand.Create(),
    ShardsCommand.Create(),
    PretrainCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
