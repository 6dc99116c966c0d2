# frozen_string_literal: true

module CrmSync
  module Contacts
    # What a change stands on, looked at again under the row's lock.
    # @api private
    class Premises
      # What was known when the change was decided on. It holds a person's address, and shows it nowhere.
      Basis = Struct.new(:key_name, :link_name, :link, :address, :tier, keyword_init: true) do
        # @return [String] without the address
        def inspect
          "#<#{self.class.name}>"
        end
        alias_method :to_s, :inspect
      end

      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @in_scope = {}
      end

      # Locks the record, and looks in the same statement at whom it has become and whose the contact is by now.
      #
      # @param change [CrmSync::Change]
      # @return [ActiveRecord::Base, nil]
      def lock(change)
        model = @schema.model
        looks = { in_scope: in_scope(change), taken: taken(change) }.compact.map do |name, sql|
          "(#{sql}) AS crm_sync_#{name}"
        end
        model.lock.select("#{model.quoted_table_name}.*", *looks).find_by(model.primary_key => change.key)
      end

      # @param record [ActiveRecord::Base, nil] as {#lock} gave it
      # @param change [CrmSync::Change]
      # @return [String, nil] what has moved since the plan
      def moved(record, change)
        return "it is gone" unless record

        moved_column(record, change) || moved_address(record, change) || moved_scope(record, change)
      end

      private

      def moved_column(record, change)
        return "its contact is another one" unless record[@declaration.foreign_key] == change.basis.link

        columns = change.before.keys - [@declaration.foreign_key]
        column = columns.find do |name|
          @schema.canonical(name, record[name]) != @schema.canonical(name, change.before[name])
        end
        column && "#{column} has changed"
      end

      def moved_address(record, change)
        return unless (address = change.basis.address)

        tiers = @declaration.tiers.first(change.basis.tier + 1)
        return "its address is no longer trusted" unless own_addresses(record, tiers.last).include?(address)

        stronger = tiers[0...-1].any? { |tier| others(record, tier, address) }
        "its address is another's by stronger trust" if stronger
      end

      def own_addresses(record, tier)
        @schema.tier(tier).where(foreign_key => record.id).pluck(@declaration.address_column).map do |text|
          Email.normalize(text)
        end
      end

      # The database's lower() only finds candidates; which addresses are equal is for {Email.normalize} to say.
      def others(record, tier, address)
        column = @schema.address_model.arel_table[@declaration.address_column]
        candidates = @schema.tier(tier).where.not(foreign_key => record.id).where(column.lower.eq(address))
        candidates.pluck(@declaration.address_column).any? { |text| Email.normalize(text) == address }
      end

      def foreign_key
        @schema.association.foreign_key
      end

      def moved_scope(record, change)
        return "the contact is another's by now" if record.try(:crm_sync_taken) == 1

        "it is no longer #{scope(change)}" if record.try(:crm_sync_in_scope)&.zero?
      end

      def scope(change)
        case change.action
        # Who follows a merge was found by id, and stays linked whoever may be linked anew.
        when :link, :relink then @declaration.link_scope if change.basis.address
        when :lead then @declaration.lead_rules.scope
        when :sweep then @declaration.sweep.scope
        end
      end

      def in_scope(change)
        name = scope(change)
        name && (@in_scope[name] ||= "CASE WHEN #{Membership.sql(@schema.scope(name))} THEN 1 ELSE 0 END")
      end

      # The decision knows only whom the model's default scope and type let through, and so does this.
      def everybody(key)
        all = @schema.model.all
        return if Membership.sql(all) == "(1 = 1)"

        " AND others.#{key} IN (#{all.select(@schema.model.primary_key).to_sql})"
      end

      def taken(change)
        return unless @declaration.sharing == :hold && %i[link relink].include?(change.action)

        table = @schema.model.quoted_table_name
        ids = [change.contact_id, change.contact_id.first(15)].map { |id| @schema.connection.quote(id) }
        link = @schema.connection.quote_column_name(@declaration.foreign_key)
        key = @schema.model.quoted_primary_key
        "CASE WHEN EXISTS (SELECT 1 FROM #{table} others WHERE others.#{link} IN (#{ids.join(", ")}) " \
          "AND others.#{key} <> #{table}.#{key}#{everybody(key)}) THEN 1 ELSE 0 END"
      end
    end
  end
end
