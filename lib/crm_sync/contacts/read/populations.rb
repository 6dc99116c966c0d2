# frozen_string_literal: true

require_relative "../decide/idle_values"
require_relative "equality"
require_relative "user_sql"

module CrmSync
  module Contacts
    # Counts in the database, for each budget, the users who could suffer what it limits. Where all users are read, the
    # core counts them; a plan file is not trusted with these numbers. Few plans come near a limit, so each count is
    # made when it is first needed.
    class Populations
      # The users whom each built-in budget could concern ({file:src/contacts/budgets.rs}).
      COUNTS = {
        unlink: :linked, relink: :linked, demote: :with_privilege, promote: :linked,
        clear: :with_a_value, effects: :everybody,
        lead: :with_something_to_lose_by_leads, sweep: :with_something_to_lose_by_the_sweep
      }.freeze
      # The characters of which a blank text may consist: the white space of Unicode.
      WHITE_SPACE = [*"\t".."\r", " ", "\u0085", "\u00A0", "\u1680", *"\u2000".."\u200A", "\u2028", "\u2029", "\u202F",
                     "\u205F", "\u3000"].join.freeze
      private_constant :COUNTS, :WHITE_SPACE

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        database = Database.for(schema.connection)
        @sql = UserSql.new(schema, database)
        # Does not start from the default scope, which can have joins, which repeat a user, or a list of columns, which
        # cannot be counted.
        @users = schema.link.joined(schema.model.unscoped.where(Arel.sql(@sql.everybody)))
        @concerned = @users.where(Arel.sql("(#{@sql.concerned})"))
        @equality = Equality.new(schema, database)
        @counts = {}
      end

      # @return [Array<Symbol>] the budgets
      def keys
        Native.contact_budgets + @declaration.budgets.map(&:name)
      end

      # @param budget [Symbol]
      # @return [Integer] the number of users; counted when it is first asked for
      def fetch(budget)
        @counts[budget] ||= COUNTS.key?(budget) ? send(COUNTS.fetch(budget)) : without(own(budget))
      end

      private

      def everybody
        @users.count
      end

      def linked
        @linked ||= @users.where(Arel.sql("#{@schema.link.sql} IS NOT NULL")).count
      end

      def any(relations)
        relations.reduce { |all, one| all.or(one) }&.count || 0
      end

      def with_privilege
        privileged = @declaration.attributes.select(&:privileged?).map do |attribute|
          values = attribute.privileged.map { |value| @schema.cast(attribute.column, value, attribute.line) }
          having(attribute.column, values)
        end
        any(privileged)
      end

      # Counts users with a value in a column that may be blank.
      def with_a_value
        clearable = @declaration.columns.select { |column| @schema.may_be_blank?(column) }
        any(clearable.map { |column| holding(column) })
      end

      def with_something_to_lose_by_leads
        unlinked(@declaration.lead_rules, @declaration.lead_rules&.rules)
      end

      def with_something_to_lose_by_the_sweep
        unlinked(@declaration.sweep, [@declaration.sweep])
      end

      # Counts unlinked users who have a value other than an idle one ({IdleValues}), which leads or the sweep could
      # take.
      def unlinked(part, sets)
        return 0 unless part

        columns = sets.flat_map { |set| set.set.keys }.uniq
        saying = columns.map { |column| saying_something(column) }
        conditions = "#{@schema.link.sql} IS NULL AND #{Membership.sql(@schema.scope(part.scope))}"
        any(saying.map { |users| users.where(Arel.sql(conditions)) })
      end

      def saying_something(column)
        idle = IdleValues.of(@schema, column).compact
        idle.empty? ? holding(column) : holding(column).where.not(@equality.among(column, idle))
      end

      # Selects the users who have one of these values, as the core compares them.
      def having(column, values)
        given = values.compact
        found = @concerned.where(@equality.among(column, given))
        given.size == values.size ? found : found.or(@concerned.where(column => nil))
      end

      def holding(column)
        known = @schema.enum(column)
        return @concerned.where(@equality.among(column, known.keys)) if known # The model has no other values.

        users = @concerned.where.not(column => nil)
        return users unless @schema.text?(column)

        text = "LTRIM(#{@equality.text(column)}, #{@schema.connection.quote(white_space)})"
        users.where(Arel.sql("#{text} <> ''"))
      end

      # Returns white space that the database certainly knows: one in another encoding may not have all of it. Asks
      # through the connection of this thread, because a plan may be applied in another one than it was made in.
      def white_space
        database = Database.for(@schema.connection)
        @white_space ||= database.texts&.known? ? WHITE_SPACE : WHITE_SPACE[/\A[[:ascii:]]+/]
      end

      def own(name)
        @declaration.budgets.find { |budget| budget.name == name }
      end

      # Counts the users who do not have the value of a declared budget.
      def without(budget)
        value = @schema.cast(budget.column, budget.value, budget.line)
        return @concerned.where.not(budget.column => nil).count if value.nil?

        @concerned.where.not(@equality.among(budget.column, [value])).or(@concerned.where(budget.column => nil)).count
      end
    end
    private_constant :Populations
  end
end
