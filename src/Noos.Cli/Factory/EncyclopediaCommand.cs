using System.CommandLine;
using System.Globalization;
using Noos.Cli.Terminal;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Corpus.Encyclopedias;

namespace Noos.Cli.Factory;

/// <summary><c>noos encyclopedia OUT --data FOLDER</c></summary>
static class EncyclopediaCommand
{
    public static Command Create(NoosSettings settings)
    {
        var output = new Argument<string>("out")
        {
            Description = $"The file to write, such as {EncyclopediaLocation.FolderName}/{EncyclopediaLocation.FileName}.",
        };
        var data = new Option<string?>("--data") { Description = "Folder that holds the sources (default: $NOOS_DATA)." };
        var lead = new Option<int>("--lead")
        {
            Description = "Characters of an article from Wikipedia.",
            DefaultValueFactory = _ => new EncyclopediaOptions().MaxLeadLength,
        };
        lead.Validators.Add(result =>
        {
            if (result.TryGetValue<int>(out var length) && length is < 100 or > 100_000)
            {
                result.AddError("--lead must be from 100 to 100,000.");
            }
        });
        var command = new CommandWithExamples(
            "encyclopedia",
            "Make the encyclopedia that comes with Noos out of its sources: the leads of Wikipedia's best articles, the World Factbook, "
            + "WordNet, and the glossaries of OpenStax. The same sources give the same file.",
            $"noos encyclopedia {EncyclopediaLocation.FolderName}/{EncyclopediaLocation.FileName} --data ../shared/data");
        command.Arguments.Add(output);
        command.Options.Add(data);
        command.Options.Add(lead);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(data) ?? settings.SourcesFolder ?? throw new NoosException(
                "An encyclopedia is made of sources; name the folder that holds them with --data FOLDER or $NOOS_DATA.");
            var path = parsed.GetRequiredValue(output);
            var articles = await EncyclopediaBuilder.ReadAsync(
                folder, new EncyclopediaOptions { MaxLeadLength = parsed.GetValue(lead) }, cancellationToken);
            DocumentPack.Write(path, articles);
            foreach (var source in articles.GroupBy(article => article.Source))
            {
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source.Key}: {source.Count()} articles, {source.Sum(article => article.Text.Length) / 1e6:0.0} M characters"));
            }

            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Wrote {path} ({articles.Count} articles, {new FileInfo(path).Length / 1e6:0.00} MB)."));
            return 0;
        });
        return command;
    }
}
