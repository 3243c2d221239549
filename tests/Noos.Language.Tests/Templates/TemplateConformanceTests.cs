using System.Text.Json;
using Noos.Core;
using Noos.Language.Templates;
using Noos.Language.Tokenization;

namespace Noos.Language.Tests.Templates;

public sealed class TemplateConformanceTests
{
    [Fact]
    public async Task Templates_of_real_models_render_as_in_jinja2()
    {
        var folder = Path.Combine(SharedFolder(), "conformance", "templates");
        Assert.SkipUnless(Directory.Exists(folder), "The shared templates are not there.");
        var files = Directory.GetFiles(folder, "*.jinja").Order(StringComparer.Ordinal).ToArray();
        Assert.True(files.Length >= 70);
        string[] sources = [.. files.Select(File.ReadAllText), ChatFormat.JinjaTemplate];
        var expected = await JinjaOracle.RenderAsync(sources, TemplateCases.All);

        var deviations = new List<string>();
        var texts = 0;
        for (var index = 0; index < sources.Length; index++)
        {
            var template = ChatTemplate.Parse(sources[index]);
            var name = index < files.Length ? Path.GetFileNameWithoutExtension(files[index]) : "ours";
            for (var number = 0; number < TemplateCases.All.Count; number++)
            {
                var theirs = expected[index][number];
                var ours = Render(template, TemplateCases.All[number]);
                texts += theirs.Text is null ? 0 : 1;
                if (ours.Text != theirs.Text)
                {
                    deviations.Add($"{name} #{number}: {Difference(ours, theirs)}");
                }
            }
        }

        Assert.True(deviations.Count == 0,
            $"{deviations.Count} deviations of {texts} texts and {(sources.Length * TemplateCases.All.Count) - texts} errors\n"
                + string.Join("\n", deviations));
        Assert.True(texts > sources.Length * TemplateCases.All.Count / 2);
    }

    [Fact]
    public void Long_conversations_are_no_more_work_than_a_template_may_do()
    {
        var folder = Path.Combine(SharedFolder(), "conformance", "templates");
        Assert.SkipUnless(Directory.Exists(folder), "The shared templates are not there.");
        foreach (var file in Directory.GetFiles(folder, "*.jinja"))
        {
            var template = ChatTemplate.Parse(File.ReadAllText(file));
            var few = Render(template, Talk(turns: 3));
            var many = Render(template, Talk(turns: 150));

            Assert.True(few.Text is null == many.Text is null, $"{Path.GetFileName(file)}: {many.Error}");
        }

        static JsonElement Talk(int turns) => JsonSerializer.SerializeToElement(new
        {
            messages = Enumerable.Range(0, turns)
                .SelectMany(turn =>
                    new[] { new { role = "user", content = $"Question {turn}" },
                        new { role = "assistant", content = "<think>Hm.</think>Answer." } })
                .Append(new { role = "user", content = "Last" }),
            tools = (object?)null,
            bos_token = "<s>",
            eos_token = "</s>",
            add_generation_prompt = true,
        });
    }

    static JinjaOracle.Rendering Render(ChatTemplate template, JsonElement variables)
    {
        try
        {
            return new(string.Concat(template.Render(variables, JinjaOracle.Now).Select(segment => segment.Text)), null);
        }
        catch (NoosException e)
        {
            return new(null, e.Message);
        }
    }

    static string Difference(JinjaOracle.Rendering ours, JinjaOracle.Rendering theirs)
    {
        if (ours.Text is null || theirs.Text is null)
        {
            return $"ours {Show(ours)} | theirs {Show(theirs)}";
        }

        var at = ours.Text.AsSpan().CommonPrefixLength(theirs.Text);
        return $"at {at}: ours {Show(ours with { Text = ours.Text[Math.Max(at - 20, 0)..] })} | theirs "
            + $"{Show(theirs with { Text = theirs.Text[Math.Max(at - 20, 0)..] })}";

        static string Show(JinjaOracle.Rendering rendering) =>
            rendering.Text is { } text ? JsonSerializer.Serialize(text.Length > 90 ? text[..90] : text) : $"({rendering.Error})";
    }

    internal static string SharedFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.Parent?.FullName ?? "", "shared");
    }
}
