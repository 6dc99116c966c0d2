# frozen_string_literal: true

# Writes the demo's headings and commands, in colour where somebody watches.
class Terminal
  WIDTH = 110
  COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 }.freeze

  def initialize(out = $stdout)
    @out = out
    @colour = out.tty? && ENV["NO_COLOR"].to_s.empty?
    @chapter = 0
  end

  def title(text)
    @out.puts paint(text, :bold), paint("=" * text.size, :dim)
  end

  def chapter(text)
    @out.puts "", paint("── #{@chapter += 1}. #{text} ".ljust(WIDTH, "─"), :cyan)
  end

  # A line as one would type it in the console.
  def command(text)
    @out.puts "", "#{paint(">", :dim)} #{paint(text, :bold)}"
  end

  # Prose.
  def say(text)
    @out.puts "", wrap(text.split.join(" "), "")
  end

  # Something that the gem gives, as it is; only the colours are added.
  def show(object)
    text = object.to_s.lines(chomp: true).map { |line| wrap(line, "#{line[/\A */]}  ") }.join("\n")
    @out.puts(text.gsub("→", paint("→", :yellow)).gsub(/^(blocked|held)( back)?:?/) { |word| paint(word, :red) })
  end

  # Counts the changes that are written while the block runs: in a line that moves where somebody watches, and else only
  # its end.
  def progress(&)
    show = lambda do |_name, _started, _finished, _id, event|
      written(event[:done], event[:total]) if event[:what] == :changes
    end
    ActiveSupport::Notifications.subscribed(show, "progress.crm_sync", &)
  end

  def verdict(text, good)
    @out.puts paint("#{good ? "✓" : "✗"} #{text}", good ? :green : :red)
    good
  end

  private

  def written(done, total)
    return unless @out.tty? || done == total

    @out.print(("\r" if @out.tty?), "#{done} of #{total} changes written", ("\n" if done == total))
  end

  def wrap(line, indent)
    line.gsub(/(.{1,#{WIDTH}})(?: +|\z)/, "\\1\n#{indent}").rstrip
  end

  def paint(text, colour)
    @colour ? "\e[#{COLOURS.fetch(colour)}m#{text}\e[0m" : text
  end
end
