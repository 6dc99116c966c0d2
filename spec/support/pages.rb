# frozen_string_literal: true

# A page of the documentation. Its examples are run, and its tables are compared with the code. HTML comments in it name
# blocks and tables.
class Page
  NAMES = (Dir["{*,docs/*}.md", base: Leftovers::CHECKOUT] - ["CHANGELOG.md"]).sort.freeze

  # @return [String] its path in the checkout
  attr_reader :name

  # @return [Array<Page>] README.md, those beside it, and those of docs/
  def self.all
    NAMES.map { |name| new(name) }
  end

  # @param name [String]
  def initialize(name)
    @name = name
  end

  # @return [String]
  def text
    @text ||= File.read(File.join(Leftovers::CHECKOUT, name))
  end

  # @return [String] without line breaks within sentences
  def prose
    text.gsub(/\s+/, " ")
  end

  # @param mark [String] the comment above it
  # @return [String] the content of the block
  def block(mark)
    blocks(mark).first || raise("#{name} has no block #{mark}")
  end

  # @param mark [String]
  # @return [Array<String>] the contents of all blocks with this comment
  def blocks(mark)
    text.scan(/^<!-- #{Regexp.escape(mark)} -->\n```\w*\n(.*?)^```$/m).flatten
  end

  # @param mark [String]
  # @return [Array<Array<String>>] the cells of each row
  def table(mark)
    rows = text[/^<!-- #{mark} -->\n(.*?)(?:\n\n|\z)/m, 1] || raise("#{name} has no table #{mark}")
    rows.lines.drop(2).map { |row| row.gsub("\\|", "\0").split("|").map { |cell| cell.tr("\0", "|").strip }.drop(1) }
  end

  # @param mark [String]
  # @return [Array<String>] the code in the first cell of each row
  def listed(mark)
    table(mark).map { |row| row.first.delete("`") }
  end

  # Runs a block at the top level.
  # @param mark [String]
  # @param context [Binding] the binding that has the block's variables afterwards
  # @yieldparam code [String] which can be changed
  # @return [String] the output on stdout
  def run(mark, context = TOPLEVEL_BINDING.dup)
    code = block("run: #{mark}")
    code = yield code if block_given?
    $stdout = StringIO.new
    eval(code, context, name) # rubocop:disable Security/Eval -- it is our own
    $stdout.string
  ensure
    $stdout = STDOUT
  end

  # Evaluates each line of the blocks that say what comes out.
  # @yieldparam given [Object]
  # @yieldparam said [Object]
  # @yieldparam line [String]
  def each_result
    context = TOPLEVEL_BINDING.dup
    blocks("results").flat_map(&:lines).each do |line|
      expression, said = line.split("# =>")
      given = eval(expression, context, name) # rubocop:disable Security/Eval -- it is our own
      yield given, eval(said), line if said # rubocop:disable Security/Eval -- it is our own
    end
  end

  # @return [Array<String>] the anchors that GitHub gives its headings
  def anchors
    prose = text.gsub(/^```.*?^```$/m, "")
    prose.scan(/^#+ (.+)$/).flatten.map { |title| title.downcase.gsub(/[^\w\- ]/, "").tr(" ", "-") }
  end

  # @return [Array<String>] the targets within the checkout
  def links
    text.gsub(/^```.*?^```$/m, "").scan(/\]\(([^)\s]+)\)/).flatten.grep_v(/\A\w+:/)
  end
end

# The context in which the examples of the pages run.
module ShownCode
  # @param letter [String] in its id
  # @return [Hash] a contact as the API writes it
  def shown_contact(letter, email, status = nil)
    { "Id" => "0034C00000VaYf#{letter}QAV", "Email" => email, "Faculty_Verified__c" => status }
  end

  # Runs the block with a user and a contact who belong together.
  def with_ann(&)
    create_user(id: 7, email: "ann@b.edu")
    records = { "Contact" => [shown_contact("K", "ann@b.edu")], "Lead" => [] }
    CrmSync::Testing::Salesforce.start(records:, &)
  end

  # @return [String] with the same duration whenever it is written
  def timeless(text)
    text.gsub(/in \d+\.\d s\b/, "in 0.1 s")
  end
end
