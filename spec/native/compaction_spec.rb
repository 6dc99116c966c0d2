# frozen_string_literal: true

require_relative "../support/native_entries"

# Ruby moves objects, and frees those that it does not see. All of it runs in processes of its own, because what is
# wrong here is a crash.
#
# A collection comes before objects may move: Ruby 3.1 itself crashes where that begins in the middle of one, because it
# has not pinned the classes of C extensions by then.
RSpec.describe CrmSync::Native do
  # A child that uses each entry as ever, and once more in another way; it names those that gave the same.
  def again(way)
    native(<<~RUBY, timeout: 400)
      require "./spec/support/native_entries"
      NativeEntries.with_simulators do
        NativeEntries::ALL.each do |name|
          expected = NativeEntries.use(name)
          given = NativeEntries.public_send(name) do |work|
            #{way}
            work.call
          ensure
            GC.stress = GC.auto_compact = false
          end
          puts given == expected ? name : "\#{name} gave \#{given.inspect} instead of \#{expected.inspect}"
        end
      end
    RUBY
  end

  { "minor collections" => "GC.stress = 1",
    "collections in which objects move" => "GC.start; GC.auto_compact = true; GC.stress = true" }.each do |what, way|
    it "gives the same under #{what} at every turn", timeout: 420 do
      result = again(way)
      expect(result.stdout.lines(chomp: true)).to eq(NativeEntries::ALL.map(&:to_s)), result.stderr
    end
  end

  it "reads many rows while objects move" do
    result = native(<<~RUBY)
      fields = %w[Id Email FirstName LastName]
      row = ->(n) { { **fields.to_h { |field| [field, "\#{field}\#{n}"] }, "Id" => format("003%012dAAA", n) } }
      contacts = Array.new(20_000, &row)
      CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts }, page_size: 20_000) do
        GC.start
        GC.auto_compact = true
        3.times do
          rows = CrmSync::Salesforce.client.query("SELECT \#{fields.join(", ")} FROM Contact").to_a
          puts rows.size, rows.flat_map(&:keys).uniq.inspect
        end
      end
    RUBY
    expect(result.stdout).to eq(%(20000\n["Id", "Email", "FirstName", "LastName"]\n) * 3), result.stderr
  end

  it "holds no reference that compaction does not see" do
    result = native(<<~RUBY)
      require "./spec/support/native_entries"
      # Its arguments have changed from version to version.
      verify = lambda do
        GC.verify_compaction_references(toward: :empty, double_heap: true)
      rescue ArgumentError
        GC.verify_compaction_references(toward: :empty, expand_heap: true)
      end
      use = -> { NativeEntries::ALL.to_h { |name| [name, NativeEntries.use(name)] } }
      NativeEntries.with_simulators do
        expected = use.call
        index = CrmSync::EmailIndex.new.add("one", "a@b.edu").add("two", "a@b.edu")
        contested = index.contested
        rows = CrmSync::Salesforce.client.query("SELECT Id FROM Contact", by: :serial) # one that is under way
        first = rows.next
        verify.call
        given = use.call
        verify.call
        puts (expected.keys.reject { |name| given[name] == expected[name] }).inspect
        puts index.contested == contested, [first, rows.next].map { |row| row["Id"] }.uniq.size
      end
    RUBY
    expect(result.stdout).to eq("[]\ntrue\n2\n"), result.stderr
  end

  it "passes its own specs while objects move", timeout: 240 do
    specs = %w[email_spec.rb diff_spec.rb native/organization_writing_spec.rb]
    specs = specs.map { |name| "spec/#{name}" }
    command = ["bundle", "exec", "rspec", "--require", "./spec/support/compacting.rb", *specs]
    child = ChildProcess::Child.new(["prlimit", "--core=0", *command], env: {}, chdir: NativeChild::ROOT,
                                                                       folder: Scratch.folder)
    result = child.wait(timeout: 220)
    expect(result).to be_success, "#{result.stdout}#{result.stderr}"
  end
end
