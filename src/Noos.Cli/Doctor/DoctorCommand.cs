using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Noos.Cli.Chat;
using Noos.Cli.Processes;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Storage;
using Noos.Core.Text;
using Noos.Corpus.Encyclopedias;
using Noos.Corpus.Index;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Inference;
using Noos.Kernel.Gate;
using Noos.Peripherals.Eye.Tesseract;
using Noos.Server.Client;
using Noos.Tools.Code;

namespace Noos.Cli.Doctor;

/// <summary><c>noos doctor</c></summary>
static class DoctorCommand
{
    const long LittleDisk = 1L << 30;

    static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var code = new CodeFlags();
        var command = new CommandWithExamples(
            "doctor", "Say what this machine has of what Noos can use, and the one line that gets the rest.",
            "noos doctor", "noos doctor --json", "noos doctor --sandbox landlock", "noos doctor --python ~/venv/bin/python3",
            "noos doctor --server");
        var server = new Option<bool>("--server")
        {
            Description = "Say only whether the server of this home answers, and fail where it does not: for supervisors of services and "
                + "containers.",
        };
        command.Options.Add(server);
        var json = CommandOutput.JsonOption(
            "Write one line of JSON: {\"data\": [{\"name\", \"good\", \"sentence\", \"remedy\"}, ...]}.");
        command.Options.Add(json);
        foreach (var option in code.All)
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(server))
            {
                return await FindServerAsync(settings.UserData.Folder, cancellationToken);
            }

            List<CodeCheck> checks =
                [Processor(settings), Home(settings), Model(settings, library), Index(settings), Eye(settings), Reader()];
            checks.AddRange(await new CodeRuntime(code.Read(parsed, new ToolLimits().Time)).CheckAsync(cancellationToken));
            if (parsed.GetValue(json))
            {
                var data = checks.Select(check => new { check.Name, Good = check.IsGood, check.Sentence, check.Remedy });
                Console.Out.WriteLine(JsonSerializer.Serialize(new { data }, s_json));
                return 0;
            }

            var width = checks.Max(check => check.Name.Length);
            foreach (var check in checks)
            {
                Console.Out.WriteLine($"{(check.IsGood ? "ok" : "--")}  {check.Name.PadRight(width)}  {check.Sentence}");
                if (check.Remedy is { } remedy)
                {
                    Console.Out.WriteLine($"    {new string(' ', width)}  > {remedy}");
                }
            }

            return 0;
        });
        return command;
    }

    static async Task<int> FindServerAsync(string home, CancellationToken cancellationToken)
    {
        using var client = await ProcessClient.FindAsync(home, cancellationToken) ?? throw new NoosException(
            ErrorKind.Unavailable, $"No server of the home '{home}' answers; start one with 'noos up'.");
        Console.Out.WriteLine($"ok  server  {client.Address} answers.");
        return 0;
    }

    static CodeCheck Processor(NoosSettings settings)
    {
        var fastest = KernelChoice.NameInUse(KernelChoice.Parse(null));
        var used = KernelChoice.NameInUse(KernelChoice.Parse(settings.Kernels));
        return used == fastest
            ? new CodeCheck("processor", true, $"The engine computes with {used} kernels on {Environment.ProcessorCount} processors.", null)
            : new CodeCheck(
                "processor", false, $"The engine computes with {used} kernels; this processor has {fastest}.", "unset NOOS_KERNELS");
    }

    static CodeCheck Home(NoosSettings settings)
    {
        var folder = settings.UserData.Folder;
        try
        {
            PrivateFolder.Create(folder);
            var probe = Path.Combine(folder, $".doctor-{Guid.NewGuid():N}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            var free = new DriveInfo(folder).AvailableFreeSpace;
            return new CodeCheck(
                "home", free >= LittleDisk, $"{folder}, {ByteSize.Format(free)} free.",
                free >= LittleDisk ? null : "export NOOS_HOME=/a/folder/on/a/larger/disk");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CodeCheck("home", false, $"{folder} cannot be written: {e.Message}", "export NOOS_HOME=/a/folder/of/yours");
        }
    }

    /// <summary>What can be searched offline. Nothing is made that is not there yet.</summary>
    static CodeCheck Index(NoosSettings settings)
    {
        var path = Path.Combine(settings.UserData.Folder, SearchIndex.FileName);
        try
        {
            var location = EncyclopediaLocation.From(settings);
            var hasArticles = location.Files.Any(File.Exists);
            var articles = hasArticles ? "the encyclopedia" : null;
            if (!File.Exists(path))
            {
                return new CodeCheck(
                    "index", hasArticles,
                    hasArticles ? "Search finds the encyclopedia; nothing of yours is added." : "There is nothing to search offline.",
                    hasArticles ? null : "noos index add FOLDER");
            }

            using var index = SearchIndex.OpenRead(path);
            var places = index.List();
            var own = string.Create(
                CultureInfo.InvariantCulture,
                $"{index.CountPassages():N0} passages of {places.Count:N0} {(places.Count == 1 ? "place" : "places")}");
            return new CodeCheck(
                "index", true, $"Search finds {string.Join(" and ", new[] { own, articles }.OfType<string>())} ({path}).", null);
        }
        catch (NoosException e)
        {
            return new CodeCheck("index", false, e.Message, $"mv {path} {path}.old");
        }
    }

    /// <summary>Who says what pictures show. Whether it answers is not asked: that would send something away.</summary>
    static CodeCheck Eye(NoosSettings settings) => settings.Eye is { } eye
        ? new CodeCheck(
            "eye", ModelSource.IsEndpoint(eye),
            ModelSource.IsEndpoint(eye) ? $"{eye} says what pictures show." : $"NOOS_EYE is '{eye}', which is no address.",
            ModelSource.IsEndpoint(eye) ? null : "unset NOOS_EYE")
        : new CodeCheck(
            "eye", false, "Size, colours and codes of pictures are told, and not what they show: no description model is chosen.",
            "export NOOS_EYE=http://localhost:8080/v1#name-of-a-vision-model");

    static CodeCheck Reader() => TesseractProgram.Find() is not null
        ? new CodeCheck("tesseract", true, "tesseract reads it.", null)
        : new CodeCheck("tesseract", false, "Nobody reads it: tesseract is not installed.", TesseractProgram.Remedy);

    static CodeCheck Model(NoosSettings settings, ModelLibrary library)
    {
        try
        {
            if (settings.Model is { } chosen)
            {
                var found = ModelSource.IsEndpoint(chosen) ? chosen : library.Resolve(chosen);
                return new CodeCheck("model", true, $"{found}.", null);
            }

            var models = library.List().Where(model => model.IsWhole).Select(model => model.Name).Distinct().ToArray();
            return models.Length > 0
                ? new CodeCheck("model", true, string.Join(", ", models.Take(5)) + (models.Length > 5 ? ", and more." : "."), null)
                : new CodeCheck("model", false, "There is none.", "noos pull OWNER/REPO:Q4_K_M");
        }
        catch (NoosException e)
        {
            return new CodeCheck("model", false, e.Message, "unset NOOS_MODEL");
        }
    }
}
